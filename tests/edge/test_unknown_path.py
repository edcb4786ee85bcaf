"""Unknown paths: each system answers its own, found in its folder; the rest have a plain answer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.unknown_path import UNKNOWN_PATHS, handler
from gateway.core.errors import UnknownPath
from gateway.system import System
from tools.systems import registry

FUNCTIONS = Path(__file__).parents[2] / "functions"
LIBRARY = FUNCTIONS.parent / "layers" / "shared"
ANSWERS = """
import json, sys
from edge.unknown_path import handler
print(json.dumps([handler(event)["body"] for event in json.load(sys.stdin)]))
"""
PLAIN = {"message": "Not found"}


@pytest.mark.parametrize(
    "path",
    [
        "one",
        "OneSignal",
        "API/r",
        "apix",
        "api.",
        "v1x",
        "v2x",
        "v",
        "v/login",
        "v-1/login",
        "V1/login",
        "/v1/login",
        "",
        "x",
        "favicon.ico",
        "robots.txt",
        "track",
        "trax",
        "mytracker",
    ],
)
def test_what_is_no_systems_is_plain(event: Any, path: str) -> None:
    answer = handler(event("edge/unknown_path", path={"proxy": path}))

    assert (answer["statusCode"], json.loads(answer["body"])) == (404, PLAIN)
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "Gateway-Delivery" not in answer["headers"]


@pytest.mark.parametrize("name", sorted(file.parent.name for file in FUNCTIONS.glob("*/system.py")))
def test_every_system_answers_some(name: str) -> None:
    own = System.named(name).unknown_paths

    assert own
    assert set(own) <= set(UNKNOWN_PATHS)


def test_it_needs_no_systems_settings(event: Any) -> None:
    asked = [path for one in registry.profiles().values() for path in one.page.unknown_paths.values()]
    events = [event("edge/unknown_path", path={"proxy": path}) for path in asked]

    ended = subprocess.run(
        [sys.executable, "-c", ANSWERS],
        input=json.dumps(events),
        env={"PYTHONPATH": f"{FUNCTIONS}:{LIBRARY}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(ended.stdout.splitlines()[-1]) == [handler(each)["body"] for each in events]


def test_the_root_has_no_path_values(event: Any) -> None:
    answer = handler({**event("edge/unknown_path"), "resource": "/", "pathParameters": None})

    assert json.loads(answer["body"]) == PLAIN


def test_a_page_may_ask_first_and_then_hear_the_404(event: Any) -> None:
    asked = event("edge/unknown_path", method="OPTIONS", headers={"Access-Control-Request-Method": "PUT"})

    answer = handler(asked)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"]["Access-Control-Allow-Methods"] == "PUT, OPTIONS"
    assert handler(event("edge/unknown_path", method="OPTIONS"))["statusCode"] == 404


@pytest.mark.parametrize("rest", ["", "/", "/nothing", "/nothing/more"])
def test_a_batch_door_that_does_not_exist_is_answered_in_its_systems_dialect(event: Any, rest: str) -> None:
    for name in registry.profiles():
        answer = handler(event("edge/unknown_path", path={"proxy": f"batch/{name}{rest}"}))
        wanted = System.named(name).dialect.answer(UnknownPath())

        assert (answer["statusCode"], answer["body"]) == (wanted.status, wanted.body.decode())
    nobodys = handler(event("edge/unknown_path", path={"proxy": f"batch/nobody{rest}"}))
    assert json.loads(nobodys["body"]) == PLAIN
