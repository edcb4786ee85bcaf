"""A stack of an earlier release is updated in place: what its code queued, recorded and stored is read."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.core.task import DeliveryTask
from gateway.delivery.dead_letters import DeadLetter
from gateway.inbound.client_keys import admit
from gateway.outbound import aws
from gateway.outbound.secrets import SystemSecret
from tests.operator.conftest import World
from tests.safety.outside import ENDPOINTS, Outside, deploy, success
from tests.upgrade.asking import arrived, at_that_time, redeliver, requested
from tests.upgrade.released import RELEASES, Release, endpoint_of
from tools.systems.track.migrate import migrate
from track.row import Row
from track.store import open_store
from track.stores.record import TABLES


def by_release[T](found: Callable[[Release], Iterable[tuple[str, T]]]) -> list[Any]:
    """Parameters: each release with each of what is found of it, by a name for the test."""
    return [
        pytest.param(release, value, id=f"{release}-{name}")
        for release in RELEASES
        for name, value in found(release)
    ]


def records(*, answered: bool) -> list[Any]:
    """The records with a response that an app received, or those without."""
    return by_release(
        lambda release: [
            (f"{record['endpoint']} {record['item']['state']['S']}", record)
            for record in release.records
            if bool(record["response"]) is answered
        ]
    )


all_releases = pytest.mark.parametrize("release", RELEASES, ids=str)


@pytest.mark.parametrize(
    ("release", "delivered"),
    by_release(
        lambda release: [
            (name, (name, message))
            for message in release.messages
            for name, found in ENDPOINTS.items()
            if found.function.module == endpoint_of(message)
        ]
    ),
)
def test_a_queued_message_arrives_as_the_event_does_that_is_sent_today(
    release: Release, delivered: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, message = delivered
    at_that_time(release.made_at, monkeypatch)
    outside = Outside(vendor=success(module))
    today = deploy(module, outside, monkeypatch)
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
    ("release", "text"),
    by_release(
        lambda release: [
            (endpoint_of(json.loads(text)["message"]), text)
            for text in release.letters[: len(release.messages)]
        ]
    ),
)
def test_a_dead_letter_holds_its_task_and_why_it_died(release: Release, text: str) -> None:
    letter = DeadLetter.loads(text)

    assert letter.task == DeliveryTask.loads(json.loads(text)["message"])
    if letter.reason == "refused":
        assert (letter.status, letter.receives, letter.died_at) == (400, 3, release.made_at)
        assert letter.body is not None
        assert letter.body.startswith(b'{"errors":[')
    else:
        assert (letter.reason, letter.receives) == ("window over", 412)


@all_releases
def test_the_operator_lists_and_redrives_them(release: Release, world: World) -> None:
    letters = [text for text in release.letters if "mytracker" in text or '"unreadable"' in text]
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


@pytest.mark.parametrize(("release", "record"), records(answered=True))
def test_a_record_replays_the_response_that_the_app_received(
    release: Release, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, item = record["endpoint"], record["item"]
    at_that_time(release.made_at, monkeypatch)
    outside = Outside(items={item["key"]["S"]: item})
    handler = deploy(module, outside, monkeypatch)

    response = handler(requested(module))

    assert (response["statusCode"], response["body"]) == (
        record["response"]["statusCode"],
        record["response"]["body"],
    )
    assert response["headers"]["Gateway-Delivery"] == record["response"]["headers"]["Gateway-Delivery"]
    assert response["headers"]["Idempotency-Replayed"] == "true"
    assert outside.vendor_requests == outside.of_aws("PutRecordBatch") == []


@pytest.mark.parametrize(("release", "record"), records(answered=False))
def test_a_record_of_an_unanswered_send_is_taken_over(
    release: Release, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, item = record["endpoint"], record["item"]
    key = item["key"]["S"]
    at_that_time(release.made_at, monkeypatch)
    outside = Outside(vendor=success(module), items={key: item})
    handler = deploy(module, outside, monkeypatch)

    response = handler(requested(module))

    assert response["headers"]["Gateway-Delivery"] == "delivered"
    assert outside.items.keys() == {key}
    assert outside.items[key]["state"] == {"S": "done"}
    assert outside.items[key]["unanswered"] == {"BOOL": True}


@all_releases
def test_a_tombstone_keeps_a_queued_message_from_being_sent(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    (message,) = (one for one in release.messages if endpoint_of(one) == "onesignal.new_session")
    at_that_time(release.made_at, monkeypatch)
    outside = Outside(items={item["key"]["S"]: item for item in release.tombstones})
    system = deploy("onesignal.new_session", outside, monkeypatch).system

    assert redeliver(system, message) == []
    assert outside.vendor_requests == []


@all_releases
def test_a_secret_has_its_credentials_and_admits_its_keys(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, keys = release.secret["document"], release.secret["keys"]
    monkeypatch.setattr(aws, "post", lambda *_, **__: {"SecretString": json.dumps(document)})
    monkeypatch.setattr(time, "time", lambda: release.made_at)
    secret = SystemSecret("mytracker")

    assert (secret.credential("123"), secret.credential("45")) == ("credential-of-123", "credential-of-all")
    assert admit([keys["ios"]], "123", secret).id == document["client_keys"][0]["id"]
    assert admit([keys["android"]], "45", secret).id == document["client_keys"][1]["id"]


@all_releases
def test_the_operator_adds_to_a_secret_and_keeps_what_it_holds(release: Release, world: World) -> None:
    document = release.secret["document"]
    secrets = world.stack.client("secretsmanager")
    secrets.put_secret_value(SecretId=world.stack.secret("mytracker"), SecretString=json.dumps(document))

    listed = world.run("keys", "list").output
    world.run("keys", "create", "web", "--system", "mytracker", "--allow", "123")

    assert "ios" in listed
    assert "android" in listed
    assert world.secret("mytracker")["credentials"] == document["credentials"]
    assert world.secret("mytracker")["client_keys"][:2] == document["client_keys"]


@pytest.fixture
def database(release: Release, tmp_path: Path) -> Path:
    """*track*'s database as the release left it."""
    path = tmp_path / "track.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(release.rows)
    return path


def rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own names
            for table in TABLES
        }


@all_releases
def test_a_row_is_not_stored_again_by_its_queued_message(release: Release, database: Path) -> None:
    before = rows(database)
    own = [text for text in release.messages if endpoint_of(text).startswith("track.")]

    migrate(f"sqlite:///{database}")
    with closing(open_store(f"sqlite:///{database}")) as store:
        for text in own:
            store.send(DeliveryTask.loads(text, Row.of))

    assert [len(found) for found in before.values()] == [1] * len(TABLES)
    assert rows(database) == before


@pytest.mark.usefixtures("release")
@all_releases
def test_a_row_is_found_when_its_user_asks_to_be_forgotten(world: World, database: Path) -> None:
    world.stack.parameters["EventStore"] = f"sqlite:///{database}"  # type: ignore[index]

    world.run("forget", "--system", "track", "--user", "7", "--yes")

    assert all(found == [] for found in rows(database).values())


@all_releases
def test_the_samples_are_complete(release: Release) -> None:
    """Each of the five kinds, for every endpoint that has it."""
    assert {endpoint_of(message) for message in release.messages} == {
        record["endpoint"] for record in release.records if record["item"]["state"]["S"] == "queued"
    }
    assert {record["item"]["state"]["S"] for record in release.records} == {"sending", "queued", "done"}
    assert len(release.letters) == len(release.messages) + 3
