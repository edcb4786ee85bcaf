"""Rows from the queue: stored without a claim, each once, whoever queued them and however often they come."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.core.identity import event_key
from gateway.core.task import DeliveryTask
from gateway.outbound import aws
from gateway.system import System
from tests.track.conftest import VALUES, task_of
from track.store import EventStore
from track.system import track


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What AWS is asked for; it knows no tombstones, and fails every other call."""
    asked: list[str] = []

    def post(service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        asked.append(action)
        if action == "GetItem":
            return {}
        raise aws.AwsError("ServiceUnavailable", passing=True)

    monkeypatch.setattr(aws, "post", post)
    return asked


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """track with a file for its rows, and records at an AWS that fails."""
    settings = track.settings.model_copy(update={"records": "records", "queue": "queue"})
    with closing(EventStore(f"sqlite:///{tmp_path}/track.db")) as store:
        yield replace(track, settings=settings, upstream=store)


def own(table: str) -> DeliveryTask:
    """A task that has no client's key, as every release has queued it."""
    made = task_of(table)
    scope = ("7",)
    key = event_key("track", made.endpoint, scope, made.event_id)
    return replace(made, received_at=time.time(), scope=scope, key=key, fingerprint=key)


def redelivered(system: System, *tasks: DeliveryTask, receives: int = 1) -> list[str]:
    """The ids of the messages that stay."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": f"receipt {number}",
            "body": task.dumps(),
            "attributes": {"ApproximateReceiveCount": str(receives)},
        }
        for number, task in enumerate(tasks)
    ]
    answer = system.redelivery({"Records": records})
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def stored(system: System) -> list[str]:
    upstream: Any = system.upstream
    with upstream._store.engine.connect() as connection:
        found: list[str] = []
        for table in VALUES:
            found += connection.exec_driver_sql(f"SELECT GatewayEventID FROM {table}").scalars()  # noqa: S608
        return sorted(found)


def test_a_batch_of_rows_needs_no_records(system: System, calls: list[str]) -> None:
    tasks = [own(table) for table in VALUES] * 2  # SQS may hand a message twice

    assert redelivered(system, *tasks) == []
    assert redelivered(system, *tasks) == []
    assert stored(system) == sorted({task.event_id for task in tasks})
    assert set(calls) <= {"GetItem"}


@pytest.mark.parametrize(("receives", "stays"), [(10, []), (11, ["0"])])
def test_a_row_that_comes_again_and_again_is_claimed(
    system: System, calls: list[str], receives: int, stays: list[str]
) -> None:
    assert redelivered(system, own("UserEvent"), receives=receives) == stays
    assert ("PutItem" in calls) == bool(stays)


def test_a_row_with_a_clients_key_waits_for_its_record(system: System, calls: list[str]) -> None:
    keyed = replace(own("UserEvent"), fingerprint="of the request")

    assert redelivered(system, own("UserEvent"), keyed) == ["1"]
    assert len(stored(system)) == 1
    assert "PutItem" in calls


def test_a_queued_row_of_0_1_0_without_a_clients_key(system: System, calls: list[str]) -> None:
    """Its key as 0.1.0 made it: of the parts in JSON, the scope without the client key's id."""
    text = (Path(__file__).parents[1] / "upgrade/made_by_0_1_0/queued_messages.ndjson").read_text()
    sample = next(json.loads(line) for line in text.splitlines() if '"system":"track"' in line)
    parts = [sample["system"], sample["endpoint"], sample["scope"][:-1], "event", sample["event_id"]]
    sample["key"] = sample["fingerprint"] = sha256(json.dumps(parts).encode()).hexdigest()
    queued = DeliveryTask.loads(json.dumps(sample), track.payload)

    queued = replace(queued, received_at=time.time())  # or it would be given up
    assert redelivered(system, queued, queued) == []
    assert stored(system) == [sample["event_id"]]


def test_what_the_store_refuses_costs_the_others_nothing(system: System, calls: list[str]) -> None:
    bad = replace(own("UserEvent"), payload=task_of("UserEvent", Region="x" * 17).payload)

    # Its dead letter cannot be written at this AWS, so the message stays.
    assert redelivered(system, own("UserEvent"), bad, own("ItemEvent")) == ["1"]
    assert len(stored(system)) == 2
