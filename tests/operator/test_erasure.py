"""`bin/trackgate forget`: gone from letters, records and store; a tombstone for the queue; others stay."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from gateway.core.answer import Answer
from gateway.core.message import HttpRequest
from gateway.core.task import DeliveryTask
from gateway.delivery import erasure
from gateway.delivery.erasure import FRESH_SECONDS, Forgotten
from onesignal.identities import item_key
from tests.conftest import http_request
from tests.operator.conftest import World
from tools.operator.erasure import tombstones
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import subject, subject_fields
from tools.operator.stack import Stack
from tools.systems import registry
from tools.systems.track.erased_objects import erase_objects, is_about
from track.row import Row
from track.store import open_store

MakeTask = Callable[..., DeliveryTask]
ADA, BOB = "fe3bcc9f-3289-4651-ad15-3b995718badd", "0c1a4b5d-3289-4651-ad15-3b995718badd"


def asked(world: World, system: str = "onesignal") -> dict[str, float]:
    """The tombstones as the worker reads them."""
    item = world.stack.client("dynamodb").get_item(
        TableName=world.stack.records(system), Key={"key": {"S": erasure.item_key(system)}}
    )
    return {name: float(at["N"]) for name, at in item.get("Item", {})["people"]["M"].items()}


class Limited:
    """DynamoDB with its limit for an expression, which moto does not know."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def update_item(self, **given: Any) -> Any:
        for name in ("UpdateExpression", "ConditionExpression"):
            assert len(given.get(name, "")) <= 4096
        return self._dynamodb.update_item(**given)


def put_up(world: World, marks: dict[str, float]) -> None:
    """An item with these tombstones."""
    world.stack.client("dynamodb").put_item(
        TableName=world.stack.records("onesignal"),
        Item={
            "key": {"S": erasure.item_key("onesignal")},
            "people": {"M": {name: {"N": f"{at:.3f}"} for name, at in marks.items()}},
        },
    )


def marks(people: range, at: float) -> dict[str, float]:
    return {erasure.mark("onesignal", str(number)): at for number in people}


def batch(make_task: MakeTask, *users: str) -> DeliveryTask:
    body = json.dumps([{"customUserId": user, "customEventName": "a"} for user in users]).encode()
    request = HttpRequest(
        method="POST", path="/v1/customEventBatch/", query="idApp=1", body=body, account="1"
    )
    return make_task("mytracker", endpoint="custom_event_batch", payload=request, scope=("1",))


def test_their_letters_go_and_others_stay(world: World, make_task: MakeTask) -> None:
    world.dead_letter(make_task(player=ADA))
    others = world.dead_letter(make_task(player=BOB))

    said = world.run("forget", "--system", "onesignal", "--user", ADA, "--yes").output

    assert "dead letters" in said
    assert "reference/delete-user" in said
    assert world.dead() == [others]


def test_of_a_batch_that_is_others_too_their_events_go(world: World, make_task: MakeTask) -> None:
    task = batch(make_task, "ada", "bob")
    world.dead_letter(task, status=400, body=b"ada is unknown")
    world.dead_letter(batch(make_task, "ada"))

    world.run("forget", "--system", "mytracker", "--user", "ada", "--yes")

    (left,) = world.waiting(world.stack.dead_letters("mytracker"))
    assert "ada" not in left
    assert base64.b64encode(b"ada is unknown").decode() not in left
    (message,) = [json.loads(left)["message"]]
    kept = DeliveryTask.loads(message)
    assert json.loads(http_request(kept).content) == [{"customUserId": "bob", "customEventName": "a"}]
    assert (kept.key, kept.fingerprint) == (task.key, task.fingerprint)


def test_the_records_of_their_letters_go(world: World, make_task: MakeTask) -> None:
    theirs, others = make_task(player=ADA), make_task(player=BOB)
    table = boto3.resource("dynamodb", region_name="eu-central-1").Table(world.stack.records("onesignal"))
    for task in (theirs, others):
        world.dead_letter(task)
        table.put_item(Item={"key": task.key, "state": "queued", "fingerprint": task.fingerprint})

    world.run("forget", "--system", "onesignal", "--user", ADA, "--yes")

    keys = {item["key"] for item in table.scan()["Items"]}
    assert keys == {others.key, erasure.item_key("onesignal")}


def remember(world: World, key: str, body: bytes | None, system: str = "pushexpress", **raw: str) -> None:
    """A record as the gateway writes it, with an answer or none."""
    answer = {} if body is None else {"answer": json.dumps(Answer(status=200, body=body).data())}
    item = {"key": key, "state": "done", "owner": "o", **answer, **raw}
    world.stack.client("dynamodb").put_item(
        TableName=world.stack.records(system), Item={name: {"S": text} for name, text in item.items()}
    )


def remembered(world: World, system: str = "pushexpress") -> set[str]:
    """The keys of a system's records."""
    items = world.stack.client("dynamodb").scan(TableName=world.stack.records(system))["Items"]
    return {item["key"]["S"] for item in items} - {erasure.item_key(system)}


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":"737112","just_created":true}',
        b'{"id": 737112}',
        b'[{"a": {"737112": 1}}]',
        b'{"path": "/instances/737112/info"}',
        b'{"text": "instance\\n737112"}',
        b"instance 737112",
        b"\xff737112",
    ],
)
def test_a_record_whose_answer_names_them_goes(world: World, body: bytes) -> None:
    remember(world, "theirs", body)

    dry = world.run("forget", "--system", "pushexpress", "--user", "737112", "--dry-run").output
    kept = remembered(world)
    said = world.run("forget", "--system", "pushexpress", "--user", "737112", "--yes").output

    assert kept == {"theirs"}
    for each in (dry, said):
        assert "idempotency records whose response names the person 1" in " ".join(each.split())
    assert remembered(world) == set()


@pytest.mark.parametrize(
    "body", [b'{"id":"1737112"}', b'{"id":73711}', b'{"id":"a737112b"}', b"{}", b"", None]
)
def test_a_record_whose_answer_names_others_stays(world: World, body: bytes | None) -> None:
    remember(world, "others", body)

    world.run("forget", "--system", "pushexpress", "--user", "737112", "--yes")

    assert remembered(world) == {"others"}


def test_every_page_of_the_records_is_read(world: World) -> None:
    for number in range(8):
        remember(world, f"{number}", b'{"id":"737112"}' + b" " * 200_000)

    world.run("forget", "--system", "pushexpress", "--user", "737112", "--yes")

    assert remembered(world) == set()


def test_an_answer_that_cannot_be_read_is_pointed_out(world: World) -> None:
    remember(world, "odd", None, answer='{"body": "737112"')

    said = world.run("forget", "--system", "pushexpress", "--user", "737112", "--yes").output

    assert "The response in record odd cannot be read" in said
    assert remembered(world) == {"odd"}


def identify(world: World, app_id: str, player_id: str) -> str:
    """A player's item, as the functions write it; its key."""
    key = item_key(app_id, player_id)
    item = {"key": {"S": key}, "onesignal_id": {"S": "u"}, "expires": {"N": "4000000000"}}
    world.stack.client("dynamodb").put_item(TableName=world.stack.records("onesignal"), Item=item)
    return key


def test_who_they_are_in_each_app_goes(world: World) -> None:
    world.stack.parameters["OneSignalAppId"] = "own-app"  # type: ignore[index]
    ios, android = "11111111-3289-4651-ad15-3b995718badd", "22222222-3289-4651-ad15-3b995718badd"
    world.stack.client("secretsmanager").put_secret_value(
        SecretId=world.stack.secret("onesignal"),
        SecretString=json.dumps({"credentials": {"*": "c", ios: "c"}, "accounts": {android: {}}}),
    )
    for app in ("own-app", ios, android):
        identify(world, app, ADA)
    others = {identify(world, ios, BOB)}
    command = ("forget", "--system", "onesignal", "--user", ADA.upper())

    dry = json.loads(world.run(*command, "--dry-run", "--json").stdout)
    before = len(remembered(world, "onesignal"))
    said = world.run(*command, "--yes").output
    again = json.loads(world.run(*command, "--yes", "--json").stdout)

    assert (dry["removed"]["identities"], before, again["removed"]["identities"]) == (3, 4, 0)
    assert "cached vendor ids of the person 3" in " ".join(said.split())
    assert remembered(world, "onesignal") == others


def test_an_id_that_is_no_players_has_no_identity(world: World) -> None:
    said = world.run("forget", "--system", "onesignal", "--user", "ada@example.com", "--yes", "--json").stdout

    assert "identities" not in json.loads(said)["removed"]


def test_the_record_that_a_letter_of_theirs_could_not_have_stays(world: World, make_task: MakeTask) -> None:
    task = make_task(player=ADA)
    world.dead_letter(task, "key reused")
    remember(world, task.key, None, "onesignal", state="queued", fingerprint="another's")

    world.run("forget", "--system", "onesignal", "--user", ADA, "--yes")

    assert (world.dead(), remembered(world, "onesignal")) == ([], {task.key})


def test_a_tombstone_is_one_that_the_worker_honours(world: World, make_task: MakeTask) -> None:
    before = time.time()
    world.run("forget", "--system", "onesignal", "--user", ADA, "--yes")
    world.run("forget", "--system", "onesignal", "--user", BOB, "--yes")

    read = Forgotten("onesignal", subject_fields("onesignal"), asked(world))

    assert len(read.asked) == 2
    assert all(before <= at <= time.time() + 1 for at in read.asked.values())
    assert read.spare(make_task(player=ADA, age=5)) is None
    assert read.spare(make_task(player=BOB, age=5)) is None
    assert read.spare(make_task(player=ADA, age=-5)) is not None
    assert ADA not in json.dumps(list(read.asked))


def test_nothing_is_removed_before_every_worker_knows(
    world: World, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.dead_letter(make_task(player=ADA))
    seen: list[tuple[float, int, int]] = []

    def letters() -> int:
        found = world.sqs.get_queue_attributes(
            QueueUrl=world.stack.dead_letters("onesignal"), AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    def sleep(seconds: float) -> None:
        if seconds == FRESH_SECONDS:  # the wait for AWS's clock is another
            seen.append((seconds, len(asked(world)), letters()))

    monkeypatch.setattr(tombstones, "sleep", sleep)

    world.run("forget", "--system", "onesignal", "--user", ADA, "--yes")

    assert seen == [(FRESH_SECONDS, 1, 1)]
    assert letters() == 0


def test_tombstones_come_down_when_they_are_over(world: World) -> None:
    dynamodb, table = world.stack.client("dynamodb"), world.stack.records("onesignal")
    now = time.time()
    tombstones.put(dynamodb, table, "onesignal", "old", now - erasure.KEEP_SECONDS - 1)
    tombstones.put(dynamodb, table, "onesignal", "newer", now - erasure.KEEP_SECONDS + 60)
    tombstones.put(dynamodb, table, "onesignal", "old again", now)
    tombstones.put(dynamodb, table, "onesignal", "newer", now)

    left = {erasure.mark("onesignal", name): now for name in ("newer", "old again")}
    assert asked(world) == pytest.approx(left, abs=0.01)


def test_more_tombstones_come_down_than_an_expression_holds(world: World) -> None:
    now = time.time()
    put_up(world, marks(range(300), now - erasure.KEEP_SECONDS - 1))

    tombstones.put(
        Limited(world.stack.client("dynamodb")), world.stack.records("onesignal"), "onesignal", "new", now
    )

    assert list(asked(world)) == [erasure.mark("onesignal", "new")]


def test_a_tombstone_that_another_operator_puts_up_anew_stands(world: World) -> None:
    now = time.time()
    put_up(world, marks(range(60), now - erasure.KEEP_SECONDS - 1))
    real, table = world.stack.client("dynamodb"), world.stack.records("onesignal")

    class Meanwhile(Limited):
        tasks = 0

        def update_item(self, **given: Any) -> Any:
            self.tasks += 1
            if self.tasks == 3:  # two updates put this one's up; now the old ones come down
                tombstones.put(real, table, "onesignal", "7", now)
            return super().update_item(**given)

    tombstones.put(Meanwhile(real), table, "onesignal", "new", now)
    tombstones.put(real, table, "onesignal", "new", now)

    left = {erasure.mark("onesignal", name): now for name in ("7", "new")}
    assert asked(world) == pytest.approx(left, abs=0.01)


def test_an_item_that_is_full_of_what_is_over_takes_a_new_tombstone(world: World) -> None:
    now = time.time()
    put_up(world, marks(range(100), now - erasure.KEEP_SECONDS - 1))

    class Full(Limited):
        def update_item(self, **given: Any) -> Any:
            if "#mark" in given["UpdateExpression"] and len(asked(world)) == 100:
                raise ClientError({"Error": {"Code": "ValidationException", "Message": "size"}}, "UpdateItem")
            return super().update_item(**given)

    tombstones.put(
        Full(world.stack.client("dynamodb")), world.stack.records("onesignal"), "onesignal", "new", now
    )

    assert list(asked(world)) == [erasure.mark("onesignal", "new")]


def test_a_letter_that_cannot_be_read_is_pointed_out(world: World) -> None:
    text = world.dead_letter(f"not a task of {ADA}")

    said = world.run("forget", "--system", "onesignal", "--user", ADA, "--yes").output

    assert "cannot be parsed" in said
    assert world.dead() == [text]


def test_a_dry_run_and_a_no_change_nothing(world: World, make_task: MakeTask) -> None:
    text = world.dead_letter(make_task(player=ADA))

    said = " ".join(world.run("forget", "--system", "onesignal", "--user", ADA, "--dry-run").output.split())
    world.run("forget", "--system", "onesignal", "--user", ADA, text="n\n", code=1)

    assert "would be removed dead letters 1" in said
    assert world.dead() == [text]
    assert world.stack.client("dynamodb").scan(TableName=world.stack.records("onesignal"))["Items"] == []


@pytest.mark.parametrize("nobody", ["", " ", "0", "x" * 1025])
def test_what_would_name_everybody_names_nobody(world: World, nobody: str) -> None:
    world.run("forget", "--system", "track", "--user", nobody, "--yes", code=1)


def row(make_task: MakeTask, table: str, **values: Any) -> DeliveryTask:
    return make_task("track", endpoint="x", payload=Row(table=table, values=values), scope=())


def rows(make_task: MakeTask) -> list[DeliveryTask]:
    user = {"Region": "BR", "Message": "", "Referrer": "7", "Language": ""}
    session = {"Region": "BR", "RemoteIP": "::1", "SessionType": "a"}
    return [
        row(make_task, "UserEvent", ProfileID=7, **user),
        row(make_task, "UserEvent", ProfileID=8, **user),
        row(make_task, "SessionEvent", SessionID="7", ProfileID=9, **session),
        row(make_task, "SessionEvent", SessionID="s", ProfileID=7, **session),
        row(make_task, "SessionEvent", SessionID="s", ProfileID=9, **session),
    ]


def test_their_rows_go(world: World, make_task: MakeTask, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'track.db'}"
    world.stack.parameters["EventStore"] = url  # type: ignore[index]
    store = open_store(url)
    store.send_many(rows(make_task))
    store.close()

    dry = " ".join(world.run("forget", "--system", "track", "--user", "7", "--dry-run").output.split())
    world.run("forget", "--system", "track", "--user", "7", "--yes")

    assert "rows of UserEvent 1" in dry
    assert "rows of SessionEvent 2" in dry
    with closing(sqlite3.connect(tmp_path / "track.db")) as database:
        assert database.execute("SELECT ProfileID FROM UserEvent").fetchall() == [(8,)]
        assert database.execute("SELECT SessionID, ProfileID FROM SessionEvent").fetchall() == [("s", 9)]


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_database_that_cannot_be_reached_leaves_the_statements_to_run(world: World) -> None:
    world.stack.parameters["EventStore"] = "mysql+pymysql://u:p@127.0.0.1:9/d"  # type: ignore[index]

    said = world.run("forget", "--system", "track", "--user", "Robert'); --", "--yes").output

    assert "could not be reached" in said
    assert "DELETE FROM `SessionEvent` WHERE " in said
    assert "`SessionEvent`.`SessionID` = 'Robert''); --' AND hex(" in said
    assert "UserEvent" not in said


class Bucket:
    """S3 as far as `forget` needs it, with another writer in between."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.meanwhile: dict[str, bytes] = {}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Any:
        return [{"Contents": [{"Key": key} for key in sorted(self.objects) if key.startswith(Prefix)]}, {}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        raw = self.objects[Key]

        class Body:
            def read(self) -> bytes:
                return raw

        return {"Body": Body(), "ETag": str(hash(raw)), "ContentType": "application/octet-stream"}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, IfMatch: str, ContentType: str) -> None:
        self.objects[Key] = self.meanwhile.pop(Key, self.objects[Key])
        if IfMatch != str(hash(self.objects[Key])):
            raise ClientError({"Error": {"Code": "PreconditionFailed", "Message": ""}}, "PutObject")
        self.objects[Key] = Body

    def delete_object(self, *, Bucket: str, Key: str) -> None:
        del self.objects[Key]

    def get_bucket_versioning(self, *, Bucket: str) -> dict[str, str]:
        return {}


def line(profile: int, session: str = "s") -> bytes:
    return json.dumps({"Kind": "SessionEvent", "ProfileID": profile, "SessionID": session}).encode() + b"\n"


def test_their_lines_go_from_the_objects_of_the_stream() -> None:
    failed = [
        json.dumps({"rawData": base64.b64encode(line(profile)).decode()}).encode() + b"\n"
        for profile in (7, 8)
    ]
    bucket = Bucket(
        {
            "events/a.gz": gzip.compress(line(7) + line(8) + line(8, "7")),
            "events/b.gz": gzip.compress(line(7)) + gzip.compress(line(7)),
            "events/c.gz": gzip.compress(line(8)),
            "failed/d": b"".join(failed),
            "athena/e": line(7),
        }
    )
    untouched = bucket.objects["events/c.gz"]
    bucket.meanwhile = {"events/a.gz": gzip.compress(line(9) + line(7))}
    stack = Stack(name="s", client=lambda _: bucket, outputs={})
    removal = Removal()

    erase_objects(stack, "bucket", subject("track", "7"), Removal(), dry_run=True)
    assert len(bucket.objects) == 5
    erase_objects(stack, "bucket", subject("track", "7"), removal, dry_run=False)

    assert gzip.decompress(bucket.objects["events/a.gz"]) == line(9)
    assert bucket.objects["events/c.gz"] == untouched
    assert bucket.objects["failed/d"] == failed[1]
    assert set(bucket.objects) == {"events/a.gz", "events/c.gz", "failed/d", "athena/e"}
    assert removal.removed == {"lines_of_events": 1 + 2 + 1}
    assert any("athena" in note for note in removal.left)


@pytest.mark.parametrize("text", [b"", b"[]", b"7", b'{"Message": "7"}', b'{"rawData": "?"}', b"{"])
def test_a_line_that_names_nobody_stays(text: bytes) -> None:
    assert not is_about(text, subject("track", "7"))


def test_every_vendor_is_spoken_of() -> None:
    for system, profile in registry.profiles().items():
        assert profile.vendor is not None or not profile.erasure_at_vendor, system
        assert subject_fields(system), system


def test_a_redriven_letter_of_theirs_is_the_workers_to_leave_out(world: World, make_task: MakeTask) -> None:
    task = replace(make_task(player=ADA), received_at=time.time() - 5)
    world.dead_letter(task)
    world.run("deadletters", "redrive", "--yes")
    world.run("forget", "--system", "onesignal", "--user", ADA, "--yes")

    (text,) = world.queued()

    left = Forgotten("onesignal", subject_fields("onesignal"), asked(world)).spare(DeliveryTask.loads(text))
    assert left is None
