"""docs/openapi.json is fresh, valid, and says all that template, contracts and answers say."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.inbound.cors import EXPOSED
from gateway.inbound.request import Request
from tests.architecture.house import TEMPLATE, pascal
from tests.fixtures.document import Document
from tests.profiles import profiles
from tests.sample_events import load_event
from tools.openapi import __main__ as command
from tools.places import ROOT
from tools.systems import registry
from tools.template.reader import Route

ROUTES = TEMPLATE.routes
PROFILES = registry.profiles()
SYSTEMS = [route for route in ROUTES if route.system in PROFILES]

TITLES = {found.title: profiles()[name] for name, found in PROFILES.items()}
"""The tests' profiles by the tags of their systems' operations."""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_committed_document_is_fresh_whatever_the_environment_says(seed: str) -> None:
    strict = {"PYTHONHASHSEED": seed, "STRICT": "true", "DELIVERY": "off"}
    path = os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers" / "shared")])
    done = subprocess.run(
        [sys.executable, "-m", "tools.openapi", "--check"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, **strict},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stale_document_is_told_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "openapi.json"
    monkeypatch.setattr(command, "DOCUMENT", copy)
    monkeypatch.setattr(command, "made", lambda: "fresh")

    for stale in (None, "stale"):
        if stale is not None:
            copy.write_text(stale)
        monkeypatch.setattr("sys.argv", ["openapi", "--check"])
        assert command.main() == 1
        assert capsys.readouterr().err == "docs/openapi.json is stale: run `make openapi`\n"
    monkeypatch.setattr("sys.argv", ["openapi"])
    assert command.main() == 0
    assert copy.read_text() == "fresh"


def test_it_is_valid(document: Document) -> None:
    validate(document.data)


def _method(route: Route) -> str:
    return str(importlib.import_module(route.endpoint).handler.method.lower())


def test_every_route_has_its_method_and_its_preflight(document: Document) -> None:
    said = {(path, *item) for path, item in document.data["paths"].items()}

    routes = {(route.path, "post" if route.is_door else _method(route), "options") for route in SYSTEMS}
    assert said == routes | {("/", "get"), ("/{proxy}", "get")}
    assert len(SYSTEMS) == len(ROUTES) - 2


def test_every_path_value_is_a_parameter(document: Document) -> None:
    for path, _, operation in document.operations():
        named = [one["name"] for one in operation["parameters"] if one.get("in") == "path"]
        assert named == [part.strip("{}") for part in path.split("/") if part.startswith("{")]


def test_every_status_of_the_contracts_is_there(document: Document) -> None:
    for path, _, operation in document.operations():
        (title,) = operation["tags"]
        wanted = {*map(str, TITLES[title].document.statuses), "429", "default"}
        # A vendor's own refusals are relayed.
        wanted |= {"4XX"} if TITLES[title].vendor else set()
        assert operation["responses"].keys() >= wanted, path


def test_tracking_calls_say_what_became_of_the_event(document: Document) -> None:
    untracked = {
        f"{name}_{endpoint}" for name, profile in profiles().items() for endpoint in profile.untracked
    }
    for _, _, operation in document.operations():
        tracked = operation["operationId"] not in untracked
        names = [document.resolved(one)["name"] for one in operation["parameters"]]
        success = document.resolved(next(iter(operation["responses"].values())))
        assert ("Idempotency-Key" in names) == tracked
        assert ("Gateway-Delivery" in success["headers"]) == tracked
        if tracked:
            values = success["headers"]["Gateway-Delivery"]["schema"]["enum"]
            assert set(values) <= {"delivered", "queued"}
            assert "Idempotency-Replayed" in success["headers"]


def test_every_answer_of_the_gateway_has_its_headers(document: Document) -> None:
    for _, _, operation in document.operations():
        for status, reference in operation["responses"].items():
            found = document.resolved(reference).get("headers", {})
            if status in ("4XX", "429", "default"):
                continue
            assert {"Gateway-Event-Id", "Access-Control-Allow-Origin"} <= found.keys()
            assert ("Allow" in found) == (status == "405")
            assert ("Gateway-Error" in found) == (status >= "400")
            if status in ("502", "503", "504"):
                assert "Retry-After" in found
    assert set(EXPOSED.split(", ")) <= document.data["components"]["headers"].keys() | {"Gateway-Delivery"}


def test_every_example_is_valid(document: Document) -> None:
    bodies = document.data["components"]["requestBodies"]
    answers = document.data["components"]["responses"]
    seen = 0
    for name, part in {**bodies, **answers}.items():
        for media, content in part.get("content", {}).items():
            for example in content.get("examples", {}).values():
                seen += 1
                assert document.problems(content["schema"], example["value"]) == [], (name, media)
    assert seen > len(bodies) + len(answers)


def test_parameters_examples_are_valid(document: Document) -> None:
    parameters = [one for _, _, operation in document.operations() for one in operation["parameters"]]
    examples = [document.resolved(one) for one in parameters if "example" in document.resolved(one)]

    assert {one["name"] for one in examples} >= {"idApp", "app_id", "ic_id", "session_uid", "origin"}
    for parameter in examples:
        assert document.problems(parameter["schema"], parameter["example"]) == [], parameter["name"]


def test_a_body_is_required_where_none_is_refused(document: Document) -> None:
    bodies = document.data["components"]["requestBodies"]

    optional = {name for name, body in bodies.items() if not body["required"]}
    assert optional == {
        f"{PROFILES[name].prefix}{pascal(endpoint)}"
        for name, profile in profiles().items()
        for endpoint in profile.document.optional_bodies
    }
    bodyless = {
        f"{name}_{endpoint}" for name, profile in profiles().items() for endpoint in profile.requests.bodyless
    }
    without = {
        operation["operationId"]
        for _, _, operation in document.operations()
        if "requestBody" not in operation
    }
    assert without == bodyless


def _key_events(scheme: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """The event with `the-key` presented as the scheme says."""
    name, value = scheme.get("name", "Authorization"), "the-key"
    if scheme.get("in") == "query":
        return {**event, "multiValueQueryStringParameters": {name: [value]}}
    if scheme["type"] == "http":
        value = "Bearer the-key"
    elif "`Auth-Token" in scheme["description"]:
        value = "Auth-Token the-key"
    return {**event, "multiValueHeaders": {name: [value]}}


@pytest.mark.parametrize("system", [name for name, profile in PROFILES.items() if profile.page.keys])
def test_a_key_is_presented_as_it_says(document: Document, system: str) -> None:
    keys = PROFILES[system].page.keys
    assert keys is not None
    endpoint = next(route for route in SYSTEMS if route.system == system).endpoint
    handler = importlib.import_module(endpoint).handler
    schemes = document.data["components"]["securitySchemes"]

    for name in keys.schemes:
        event = _key_events(schemes[name], load_event(endpoint.replace(".", "/")))
        assert "the-key" in handler.system.presented(Request.of(event, max_body=1000)), name
    in_query = {one["name"] for one in keys.schemes.values() if one.get("in") == "query"}
    assert in_query == handler.system.key_fields


def test_what_needs_no_key_says_so(document: Document) -> None:
    for _, _, operation in document.operations():
        (title,) = operation["tags"]
        profile, security = TITLES[title], operation["security"]
        without = {f"{profile.name}_{endpoint}" for endpoint in profile.keyless}
        if profile.client_keys == "never" or operation["operationId"] in without:
            assert security == []
        else:
            # {}: the key is asked for only where a setting says so.
            assert ({} in security) == (profile.client_keys == "setting")
            assert len(security) >= 1
