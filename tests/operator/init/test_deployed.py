"""`bin/trackgate init` after the deployment: credentials, a key, an event; what is there is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError  # type: ignore[import-untyped]

from tests.operator.conftest import World
from tests.operator.init.conftest import Run
from tools.operator.doctor.api_client import Answer, ApiClient
from tools.operator.init import event_step
from tools.operator.stack import Stack
from tools.operator.vendor_credentials.vendor_check import needs_credential

pytestmark = pytest.mark.usefixtures("filled")

EVENT = "mytracker/custom_event"
EVENT_ID = "01M7XW7VRZX0B36KC0KMPQDNGM"
URL = "https://a.execute-api.eu-central-1.amazonaws.com/live"


class Log:
    """The functions' log lines."""

    lines: list[dict[str, Any]]

    def __init__(self) -> None:
        self.lines = []

    def matching(self, text: str, since: float, until: float | None = None) -> Iterator[dict[str, Any]]:
        assert text == EVENT_ID
        yield from self.lines


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log()
    monkeypatch.setattr(event_step, "function_log", lambda _: log)
    monkeypatch.setattr(event_step, "SECONDS", 0)
    return log


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, log: Log, deployed: World) -> list[tuple[Any, ...]]:
    """What the API was asked; it takes every event."""
    found: list[tuple[Any, ...]] = []
    deployed.stack.outputs["BaseUrl"] = URL  # type: ignore[index]

    def ask(self: ApiClient, method: str, target: str, headers: Any, body: bytes) -> Answer:
        found.append((method, target, dict(headers), body))
        line = {"message": "call", "timestamp": "2026-11-22T04:12:12.501+00:00", "event_id": EVENT_ID}
        log.lines.append(line | {"system": "mytracker", "status": 200, "delivery": "delivered"})
        headers = {"gateway-event-id": EVENT_ID, "gateway-delivery": "delivered"}
        return Answer(status=200, headers=headers)

    monkeypatch.setattr(ApiClient, "ask", ask)
    return found


def has_secret(world: World) -> list[str]:
    return [system for system in world.stack.systems if world.stack.has_secret(system)]


def required(world: World, *systems: str) -> None:
    for system in systems:
        world.stack.parameters[f"{system}ClientKeys"] = "required"  # type: ignore[index]


@pytest.mark.usefixtures("terminal")
def test_it_asks_for_each_credential_that_is_missing(run: Run, deployed: World, asked: list[Any]) -> None:
    done = run("staging", text="Bearer abc\nabc-1\n\n\nn\n")

    credentials = [deployed.secret(system)["credentials"] for system in has_secret(deployed)]
    assert {"*": "abc-1"} in credentials
    assert "Leave out the scheme 'Bearer'" in done.output
    assert "abc-1" not in done.output
    assert "no credential; bin/trackgate secrets set --stack test --system" in done.output
    assert asked == []


def test_what_is_there_is_left_alone(run: Run, deployed: World, log: Log) -> None:
    system = has_secret(deployed)[0]
    required(deployed, system)
    run("staging", "--yes")
    first = deployed.secret(system)

    done = run("staging", "--yes")

    assert deployed.secret(system) == first
    assert len(first["client_keys"]) == 1
    assert "✓ client keys: every system that requires one has one" in done.output
    assert "no event sent; --event SYSTEM/ENDPOINT" in done.output


def test_a_key_is_made_for_the_systems_that_require_one(run: Run, deployed: World, log: Log) -> None:
    first, *others = has_secret(deployed)
    required(deployed, first)

    done = run("staging", "--yes")

    (key,) = deployed.secret(first)["client_keys"]
    assert (key["name"], key["allows"]) == ("first-app", ["*"])
    assert f"tg_{key['id']}_" in done.stdout
    assert [deployed.secret(system)["client_keys"] for system in others] == [[]] * len(others)


def test_a_key_of_a_name_is_made_once(run: Run, deployed: World, log: Log) -> None:
    run("staging", "--yes", "--key", "ios")
    run("staging", "--yes", "--key", "ios")

    assert [
        [key["name"] for key in deployed.secret(system)["client_keys"]] for system in has_secret(deployed)
    ] == [["ios"] for _ in has_secret(deployed)]


@pytest.mark.usefixtures("terminal")
def test_an_event_is_sent_with_the_key_and_its_life_is_shown(
    run: Run, deployed: World, asked: list[tuple[Any, ...]]
) -> None:
    done = run("staging", "--yes", "--key", "ios", "--event", EVENT)

    ((method, target, headers, body),) = asked
    key = next(line for line in done.stdout.splitlines() if line.startswith("tg_"))
    assert (method, target) == ("POST", "/v1/customEvent/?idApp=666")
    assert headers["Authorization"] == key
    assert json.loads(body)["customEventName"]
    assert f"✓ {EVENT}: 200 delivered" in done.output
    assert f"{EVENT_ID} mytracker: delivered" in done.stdout


@pytest.mark.usefixtures("terminal")
def test_a_run_that_goes_on_asks_for_the_key_that_an_earlier_one_made(
    run: Run, deployed: World, asked: list[tuple[Any, ...]]
) -> None:
    system = EVENT.partition("/")[0]
    required(deployed, system)
    made = run("staging", "--yes")
    key = next(line for line in made.stdout.splitlines() if line.startswith("tg_"))
    skipped = "\n" * sum(needs_credential(deployed.stack, each) for each in deployed.stack.systems)

    done = run("staging", "--event", EVENT, text=f"{skipped}y\n{key}\n")

    ((_, _, headers, _),) = asked
    assert key in headers.values()
    assert key not in done.output


def test_a_script_without_the_key_is_told_how_to_give_it(
    run: Run, deployed: World, asked: list[tuple[Any, ...]]
) -> None:
    required(deployed, EVENT.partition("/")[0])
    run("staging", "--yes")

    done = run("staging", "--yes", "--event", EVENT, code=1)

    assert "set TRACKGATE_CLIENT_KEY, or add --key NAME" in done.output
    assert asked == []


def test_without_a_line_in_the_log_it_names_the_command(
    run: Run, asked: list[tuple[Any, ...]], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Log, "matching", lambda *_: iter(()))

    done = run("staging", "--yes", "--event", "track/item")

    assert f"Its log lines are not there yet: bin/trackgate trace {EVENT_ID} --stack test" in done.output


@pytest.mark.usefixtures("asked")
def test_a_refused_event_says_why_and_fails(run: Run, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"gateway-event-id": EVENT_ID, "gateway-delivery": "rejected", "gateway-error": "unknown key"}
    monkeypatch.setattr(ApiClient, "ask", lambda *_: Answer(status=403, headers=headers))

    done = run("staging", "--yes", "--event", "track/item", code=1)

    assert "✗ track/item: 403 rejected\n  unknown key" in done.output


@pytest.mark.usefixtures("asked")
def test_an_answer_of_something_else_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApiClient, "ask", lambda *_: Answer(status=403, body=b'{"message":"Forbidden"}'))

    done = run("staging", "--yes", "--event", "track/item", code=1)

    assert 'Not from a function of this stack: 403 {"message":"Forbidden"}' in done.output


@pytest.mark.usefixtures("asked")
def test_an_api_that_does_not_answer_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Answer:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(ApiClient, "ask", refuse)

    done = run("staging", "--yes", "--event", "track/item", code=1)

    assert f"{URL} does not answer ([Errno 111] Connection refused)" in done.output


@pytest.mark.usefixtures("deployed", "log")
@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("track/nosuch", "There is no sample event track/nosuch"),
        ("trax/session", "test has no system trax, only "),
    ],
)
def test_an_event_that_there_is_not(run: Run, event: str, told: str) -> None:
    assert told in run("staging", "--yes", "--event", event, code=1).output


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "No AWS credentials"),
        (ClientError({"Error": {"Code": "ExpiredToken", "Message": ""}}, "DescribeStacks"), "sign in again"),
    ],
    ids=["none", "expired"],
)
def test_without_credentials_it_says_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fail(*_: object, **__: object) -> Stack:
        raise error

    monkeypatch.setattr(Stack, "open", classmethod(fail))

    done = run("staging", "--yes", code=1)

    assert "✓ " in done.output
    assert told in done.output


def test_a_local_run_has_no_stage(run: Run) -> None:
    assert "--local has no stage" in run("staging", "--local", code=1).output
