"""A stack of 0.1.0 is updated in place: its queue, dead letters, records, secrets and rows are read."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.core.task import DeliveryTask
from gateway.delivery.dead_letters import DeadLetter
from gateway.inbound.client_keys import Client, admit
from gateway.outbound import aws
from gateway.outbound.secrets import SystemSecret
from gateway.system import System
from tests.operator.conftest import World
from tests.safety.outside import ENDPOINTS, Outside, SentRequest, deploy, sample, success
from tests.sample_events import with_header
from tools.systems.track.migrate import migrate
from track.row import Row
from track.store import open_store
from track.stores.record import TABLES

SAMPLES = Path(__file__).parent / "made_by_0_1_0"
MADE_AT = 1795224030.761
"""When 0.1.0 received the events, Unix seconds."""

MESSAGES = (SAMPLES / "queued_messages.ndjson").read_text().splitlines()
LETTERS = (SAMPLES / "dead_letters.ndjson").read_text().splitlines()
RECORDS = [json.loads(line) for line in (SAMPLES / "records.ndjson").read_text().splitlines()]
TOMBSTONES: list[dict[str, Any]] = json.loads((SAMPLES / "tombstones.json").read_text())
SECRET: dict[str, Any] = json.loads((SAMPLES / "secret.json").read_text())


def endpoint_of(message: str) -> str:
    task = json.loads(message)
    return f"{task['system']}.{task['endpoint']}"


def state_of(record: dict[str, Any]) -> str:
    return f"{record['endpoint']} {record['item']['state']['S']}"


@pytest.fixture
def at_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has expired, and what is stamped on receipt has the same stamp."""
    monkeypatch.setattr(time, "time", lambda: MADE_AT)


def requested(module: str) -> dict[str, Any]:
    """The request that the samples were made from."""
    event = sample(module)
    with_header(event, "Idempotency-Key", "order-17")
    return event


def redeliver(system: System, *messages: str) -> list[dict[str, str]]:
    """A batch of the queue, as its worker takes it; the messages that stay in the queue."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": str(number),
            "body": message,
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": f"{MADE_AT * 1000:.0f}"},
        }
        for number, message in enumerate(messages)
    ]
    worker: Any = system.redelivery
    failures: list[dict[str, str]] = worker({"Records": records})["batchItemFailures"]
    return failures


def arrived(sent: SentRequest) -> tuple[Any, ...]:
    return sent.method, sent.url, dict(sent.headers), sent.body


@pytest.mark.usefixtures("at_that_time")
@pytest.mark.parametrize(
    ("module", "message"),
    [
        (name, message)
        for message in MESSAGES
        for name, found in ENDPOINTS.items()
        if found.function.module == endpoint_of(message)
    ],
    ids=lambda part: part if part in ENDPOINTS else "",
)
def test_a_queued_message_arrives_as_the_event_does_that_is_sent_today(
    module: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    today = deploy(module, outside, monkeypatch)
    monkeypatch.setattr("gateway.inbound.client_keys.admit", lambda *_: Client("k1"))
    today(requested(module))
    outside.items.clear()

    assert redeliver(today.system, message) == []

    if module.startswith("track."):
        direct, later = (row_of(body) for body in outside.of_aws("PutRecordBatch"))
        assert later["GatewayEventID"] == json.loads(message)["event_id"]
        assert later | {"GatewayEventID": ""} == direct | {"GatewayEventID": ""}
    else:
        first, second = outside.vendor_requests
        assert arrived(second) == arrived(first)


def row_of(batch: dict[str, Any]) -> dict[str, Any]:
    (record,) = batch["Records"]
    row: dict[str, Any] = json.loads(base64.b64decode(record["Data"]))
    return row


@pytest.mark.parametrize(
    "text", LETTERS[: len(MESSAGES)], ids=lambda text: endpoint_of(json.loads(text)["message"])
)
def test_a_dead_letter_holds_its_task_and_the_upstreams_answer(text: str) -> None:
    letter = DeadLetter.loads(text)

    assert letter.task == DeliveryTask.loads(json.loads(text)["message"])
    assert (letter.reason, letter.status, letter.receives) == ("refused", 400, 3)
    assert letter.died_at == MADE_AT
    assert letter.body is not None
    assert letter.body.startswith(b'{"errors":[')


def test_the_operator_lists_and_redrives_them(world: World) -> None:
    letters = [text for text in LETTERS if "mytracker" in text or "not a Call" in text]
    for text in letters:
        world.sqs.send_message(QueueUrl=world.stack.dead_letters("mytracker"), MessageBody=text)

    listed = world.run(
        "deadletters", "list", "--system", "mytracker", "--json", "--limit", "0"
    ).stdout.splitlines()
    world.run("deadletters", "redrive", "--system", "mytracker", "--yes")

    assert len(listed) == len(letters)
    assert {json.loads(line)["reason"] for line in listed} == {
        "refused",
        "window over",
        "unreadable",
        "received too often",
    }
    assert sorted(world.queued("mytracker")) == sorted(DeadLetter.loads(text).message for text in letters)
    assert world.dead("mytracker") == []


@pytest.mark.usefixtures("at_that_time")
@pytest.mark.parametrize("record", [one for one in RECORDS if one["response"]], ids=state_of)
def test_a_record_replays_the_response_that_the_app_received(
    record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, item = record["endpoint"], record["item"]
    outside = Outside(items={item["key"]["S"]: item})
    handler = deploy(module, outside, monkeypatch)
    monkeypatch.setattr("gateway.inbound.client_keys.admit", lambda *_: Client("k1"))

    response = handler(requested(module))

    assert (response["statusCode"], response["body"]) == (
        record["response"]["statusCode"],
        record["response"]["body"],
    )
    assert response["headers"]["Gateway-Delivery"] == record["response"]["headers"]["Gateway-Delivery"]
    assert response["headers"]["Idempotency-Replayed"] == "true"
    assert outside.vendor_requests == outside.of_aws("PutRecordBatch") == []


@pytest.mark.usefixtures("at_that_time")
@pytest.mark.parametrize("record", [one for one in RECORDS if not one["response"]], ids=state_of)
def test_a_record_of_an_unanswered_send_is_taken_over(
    record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, item = record["endpoint"], record["item"]
    key = item["key"]["S"]
    outside = Outside(vendor=success(module), items={key: item})
    handler = deploy(module, outside, monkeypatch)
    monkeypatch.setattr("gateway.inbound.client_keys.admit", lambda *_: Client("k1"))

    response = handler(requested(module))

    assert response["headers"]["Gateway-Delivery"] == "delivered"
    assert outside.items.keys() == {key}
    assert outside.items[key]["state"] == {"S": "done"}
    assert outside.items[key]["unanswered"] == {"BOOL": True}


@pytest.mark.usefixtures("at_that_time")
def test_a_tombstone_keeps_a_queued_message_from_being_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    (message,) = (one for one in MESSAGES if endpoint_of(one) == "onesignal.new_session")
    outside = Outside(items={item["key"]["S"]: item for item in TOMBSTONES})
    system = deploy("onesignal.new_session", outside, monkeypatch).system

    assert redeliver(system, message) == []
    assert outside.vendor_requests == []


def test_a_secret_has_its_credentials_and_admits_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"SecretString": json.dumps(SECRET["document"])}
    monkeypatch.setattr(aws, "post", lambda *_, **__: found)
    monkeypatch.setattr(time, "time", lambda: MADE_AT)
    secret = SystemSecret("mytracker")

    assert (secret.credential("123"), secret.credential("45")) == ("credential-of-123", "credential-of-all")
    assert admit([SECRET["keys"]["ios"]], "123", secret).id == SECRET["document"]["client_keys"][0]["id"]
    assert admit([SECRET["keys"]["android"]], "45", secret).id == SECRET["document"]["client_keys"][1]["id"]


def test_the_operator_adds_to_a_secret_and_keeps_what_it_holds(world: World) -> None:
    secrets = world.stack.client("secretsmanager")
    secrets.put_secret_value(
        SecretId=world.stack.secret("mytracker"), SecretString=json.dumps(SECRET["document"])
    )

    listed = world.run("keys", "list").output
    world.run("keys", "create", "web", "--system", "mytracker", "--allow", "123")

    assert "ios" in listed
    assert "android" in listed
    assert world.secret("mytracker")["credentials"] == SECRET["document"]["credentials"]
    assert world.secret("mytracker")["client_keys"][:2] == SECRET["document"]["client_keys"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """*track*'s database as 0.1.0 left it."""
    path = tmp_path / "track.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SAMPLES / "rows.sql").read_text())
    return path


def rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own names
            for table in TABLES
        }


def test_a_row_of_0_1_0_is_not_stored_again_by_its_queued_message(database: Path) -> None:
    before = rows(database)
    tasks = [DeliveryTask.loads(text, Row.of) for text in MESSAGES if endpoint_of(text).startswith("track.")]

    migrate(f"sqlite:///{database}")
    with closing(open_store(f"sqlite:///{database}")) as store:
        for task in tasks:
            store.send(task)

    assert [len(found) for found in before.values()] == [1] * len(TABLES)
    assert rows(database) == before


def test_a_row_of_0_1_0_is_found_when_its_user_asks_to_be_forgotten(world: World, database: Path) -> None:
    world.stack.parameters["EventStore"] = f"sqlite:///{database}"  # type: ignore[index]

    world.run("forget", "--system", "track", "--user", "7", "--yes")

    assert all(found == [] for found in rows(database).values())


def test_the_samples_are_complete() -> None:
    """Each of the five kinds, for every endpoint that has it."""
    assert {endpoint_of(message) for message in MESSAGES} == {
        record["endpoint"] for record in RECORDS if record["item"]["state"]["S"] == "queued"
    }
    assert {record["item"]["state"]["S"] for record in RECORDS} == {"sending", "queued", "done"}
    assert len(LETTERS) == len(MESSAGES) + 3
