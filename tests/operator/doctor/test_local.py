"""The doctor on the deployed local stack: it finds what is wrong, and leaves nothing of what it wrote."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from botocore.client import BaseClient  # type: ignore[import-untyped]
from typer.testing import CliRunner, Result

from gateway.core.task import DeliveryTask
from gateway.delivery.dead_letters import DeadLetter
from tests.until import until
from tools.local.stack import LocalStack
from tools.operator import secret
from tools.operator.app import app
from tools.operator.doctor import command
from tools.operator.doctor.deep.message import _TestMessage
from tools.operator.stack import Stack
from tools.places import ROOT
from tools.sandbox.client import Sandbox
from tools.send import http1, sample
from tools.systems.track import synthetic_event as following

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

type Rows = dict[str, dict[str, str]]
type Run = Callable[..., tuple[Result, Rows]]


@pytest.fixture
def run(local: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, on a stack without the dead letters of other tests."""
    monkeypatch.setenv("AWS_PORT", str(urlsplit(local.aws.url).port))
    monkeypatch.setenv("PORT", str(urlsplit(local.url).port))
    CliRunner().invoke(app, ["deadletters", "drop", "--yes", "--local"])

    def run(*arguments: str, code: int) -> tuple[Result, Rows]:
        done = CliRunner().invoke(app, ["doctor", "--local", "--json", *arguments])
        assert done.exit_code == code, (done.output, done.exception)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return done, {row["what"]: row for row in rows}

    return run


@pytest.fixture
def stack(run: Run) -> Stack:
    """As the command sees it."""
    del run
    return Stack.open("trackgate", local=True)


@pytest.fixture
def broken(stack: Stack, local: LocalStack, make_task: Callable[..., DeliveryTask]) -> Iterator[None]:
    """Trax's secret without a credential, MyTracker's queue without a worker, a dead letter of track's."""
    lambdas, secrets = stack.client("lambda"), stack.client("secretsmanager")
    queue = stack.queue("mytracker").rpartition("/")[2]
    (source,) = (
        each
        for page in lambdas.get_paginator("list_event_source_mappings").paginate()
        for each in page["EventSourceMappings"]
        if each["EventSourceArn"].endswith(f":{queue}")
    )
    held = secret.read(secrets, stack.secret("trax"))
    letter = DeadLetter(message=make_task("track").dumps(), reason="refused", died_at=1, receives=1)
    try:
        secret.edit(secrets, stack.secret("trax"), lambda document: document | {"credentials": {}})
        lambdas.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
        stack.client("sqs").send_message(QueueUrl=stack.dead_letters("track"), MessageBody=letter.dumps())
        yield
    finally:
        secret.edit(secrets, stack.secret("trax"), lambda document: held)
        lambdas.update_event_source_mapping(UUID=source["UUID"], Enabled=True)
        CliRunner().invoke(app, ["deadletters", "drop", "--yes", "--local"])
        delivers(local, "trax/session")


def delivers(local: LocalStack, name: str) -> None:
    """Wait until this event is sent at once: a function looks for a missing credential every ten seconds."""
    event = sample.load(name)

    def delivered() -> bool:
        own = replace(event, headers=(*event.headers, ("Idempotency-Key", uuid4().hex)))
        return ("Gateway-Delivery", "delivered") in http1.send(own, local.url)[1].headers

    until(delivered)


def dead(stack: Stack) -> int:
    found = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.dead_letters("track"), AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def sessions(local: LocalStack) -> int:
    """The doctor's own events in the event store."""
    with closing(sqlite3.connect(local.event_store.removeprefix("sqlite:///"))) as database:
        query = "SELECT count(*) FROM SessionEvent WHERE SessionType = 'doctor'"
        (number,) = database.execute(query).fetchone()
    return int(number)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The rights that are used, as IAM names them."""
    found: set[str] = set()
    task = BaseClient._make_api_call

    def make_api_call(client: Any, operation: str, given: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        found.add(
            "apigateway:GET" if service == "apigateway" else f"{service}:{operation.removesuffix('Batch')}"
        )
        return task(client, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    return found


def test_a_healthy_run_has_no_finding_and_nothing_of_the_deep_one_stays(
    run: Run, stack: Stack, local: LocalStack, called: set[str]
) -> None:
    sandbox = Sandbox(local.sandbox_url)
    sandbox.reset()

    done, rows = run("--deep", "--yes", "--strict", code=0)

    assert {row["level"] for row in rows.values()} == {"ok", "not asked"}, rows
    followed = [
        "synthetic event",
        "log line",
        "row: sqlite",
        "metric Accepted",
        "track queue to",
        "track redrive",
    ]
    assert all(any(what.startswith(name) for what in rows) for name in followed)
    assert sum(what.startswith("removed: ") for what in rows) == 2
    assert "This writes to trackgate" in done.stderr
    assert (dead(stack), sessions(local), sandbox.ledger()) == (0, 0, [])
    section = (ROOT / "docs" / "operations.md").read_text().partition("## Does this deployment work?")[2]
    assert called <= set(re.findall(r"`([a-z]+:[A-Za-z]+)`", section.partition("\n## ")[0]))


@pytest.mark.usefixtures("broken")
def test_what_is_wrong_is_found(run: Run) -> None:
    _, rows = run(code=1)

    assert {what: row["seen"] for what, row in rows.items() if row["level"] == "finding"} == {
        "mytracker event source": rows["mytracker event source"]["seen"],
        "track dead letters": "1",
        "trax credential": "none",
    }
    assert rows["mytracker event source"]["seen"].startswith("Disabled")
    assert "deadletters list --system track --local" in rows["track dead letters"]["do"]
    assert "secrets set --system trax" in rows["trax credential"]["do"]


def test_nobody_is_asked_where_nobody_can_answer_and_nothing_is_written(run: Run, stack: Stack) -> None:
    done, _ = run("--deep", code=2)

    assert "--yes" in done.stderr
    assert dead(stack) == 0


@pytest.mark.parametrize("where", ["message", "event"])
def test_an_interrupted_run_removes_what_it_wrote(
    where: str, run: Run, stack: Stack, local: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def interrupted(*_: object) -> bool:
        written.append((dead(stack), sessions(local)))
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "check_all", lambda deployment: iter(()))
    if where == "message":
        monkeypatch.setattr(_TestMessage, "redrive", interrupted)
    else:
        monkeypatch.setattr(following, "_logged", interrupted)

    _, rows = run("--deep", "--yes", code=130)

    assert written == [(1, 0) if where == "message" else (0, 1)]
    removed = {what: row["level"] for what, row in rows.items() if what.startswith("removed: ")}
    assert set(removed.values()) == {"ok"}, removed
    assert (dead(stack), sessions(local)) == (0, 0)
