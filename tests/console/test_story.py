"""The made-up events of the page's tests have the form that the real API gives to real ones."""

from pathlib import Path
from typing import Any

import pytest

from tests.console import story
from tests.console.asgi import HOST, call, cookie
from tests.console.conftest import SANDBOXED
from tests.console.desk import Run
from tests.console.lines import ID, line, tried
from tests.console.served import POLICY
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.console.guard import PROTECTION
from tools.sandbox.client import Answer, Entry

DIGEST = "00112233aabbccdd"


@pytest.fixture
def get(facts: Facts, access: Access, tmp_path: Path) -> Any:
    """A path of an API with one event, which its upstream refused at first."""
    run = Run(facts, tmp_path / "functions.log", [SANDBOXED])
    run.sandbox.ledger[DIGEST] = [
        Entry(
            number=1,
            at=1795320766.4,
            system=SANDBOXED,
            method="POST",
            target="/x",
            path="/x",
            query="",
            headers=(("A", "b"),),
            content=b"{}",
            status=503,
            verdict=None,
            fault="status",
            request=DIGEST,
            answer=Answer(headers=(("A", "b"),), content=b"{}", size=2),
        )
    ]
    told = line("call", status=202, delivery="queued", tries=[tried(503, DIGEST)], system=SANDBOXED)
    run.happens(1, told, id=ID, status=202)
    app = application(access, run.desk.facts, run.desk.routes())
    return lambda path: call(app, "GET", f"/api/{path}", [HOST, cookie(access)]).json()


def forms(value: Any) -> Any:
    """The names in an object, with those in its objects; of a list, those of its first item."""
    match value:
        case dict():
            return {name: forms(each) for name, each in value.items()}
        case [first, *_]:
            return [forms(first)]
    return None


def test_a_run_is_told_alike(get: Any) -> None:
    told = get("run")

    assert forms(story.run()) == forms(told)
    assert story.run()["placeholder"] == told["placeholder"]


def test_an_event_is_told_alike(get: Any) -> None:
    made_up = story.detail(story.summary(1, "queued"))
    real = get("events/1")

    assert forms(story.summary(1)) == forms(get("events")["events"][0])
    life, made_up_life = real.pop("life"), made_up.pop("life")
    assert forms(made_up) == forms(real)
    assert made_up_life.keys() == life.keys()
    ((step,), (made_up_step,)) = (
        [each for each in one["steps"] if each["kind"] == "try"] for one in (life, made_up_life)
    )
    assert made_up_step.keys() == step.keys()


def test_rates_are_told_alike(get: Any) -> None:
    assert {name: len(values) for name, values in story.rates().items()} == {
        name: len(values) for name, values in get("rates").items()
    }


def test_the_policy_is_the_real_one() -> None:
    assert POLICY.encode() == PROTECTION[b"content-security-policy"]
