"""What `--deep` writes is followed, named where it is lost, and removed whatever happens."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.delivery.dead_letters import DeadLetter
from tests.operator.conftest import World
from tests.operator.doctor.aws import MAPPING, Aws
from tests.operator.test_erasure import Bucket
from tools.errors import CommandError
from tools.operator.doctor.api_client import ApiClient
from tools.operator.doctor.deep import message as message_check
from tools.operator.doctor.deep.cleanup import Cleanup
from tools.operator.doctor.deep.message import message
from tools.operator.doctor.deep.plan import plan, synthetic_events
from tools.operator.doctor.deep.polling import Polling
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Level, Row
from tools.operator.stack import Stack
from tools.systems.track.migrate import migrate
from tools.systems.track.synthetic_event import event
from tools.systems.track.synthetic_row import Objects, Rows

ALARM = "AWS::CloudWatch::Alarm"
SOURCE = "AWS::Lambda::EventSourceMapping"


def quick(seconds: float = 5) -> Polling:
    return Polling(time.monotonic() + seconds, every=0.01)


def deployment(world: World, *, state: str = "Enabled", **changed: Any) -> Deployment:
    """The world's stack, its workers' event sources and its alarms."""
    lambdas = Aws({"GetEventSourceMapping": {"UUID": MAPPING, "State": state}}).client("lambda")

    def client(service: str) -> Any:
        return lambdas if service == "lambda" else world.stack.client(service)

    made = Deployment(
        stack=replace(world.stack, client=client, **changed), api=ApiClient("http://127.0.0.1:9")
    )
    made.stack.__dict__["resources"] = {
        "TrackRedeliverSource": (SOURCE, MAPPING),
        "OneSignalRedeliverSource": (SOURCE, MAPPING),
        "TrackDeadLettersAlarm": (ALARM, "test-TrackDeadLettersAlarm-1"),
    }
    return made


@contextmanager
def worker(world: World, reason: str = "unreadable", *, at_most: int = 10) -> Iterator[None]:
    """Buries what track's queue holds, `at_most` so many messages."""
    stop, left = threading.Event(), at_most

    def work() -> None:
        nonlocal left
        while not stop.wait(0.01) and left:
            for text in world.queued("track"):
                dead_lettered = DeadLetter(message=text, reason=reason, died_at=time.time(), receives=1)
                world.sqs.send_message(
                    QueueUrl=world.stack.dead_letters("track"), MessageBody=dead_lettered.dumps()
                )
                left -= 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def levels(rows: list[Row]) -> list[tuple[str, Level]]:
    return [(row.what, row.level) for row in rows]


def test_a_message_goes_through_dead_letters_and_redrive_and_others_stay(world: World) -> None:
    world.dead_letter('{"somebody": "else\'s"}')
    cleanup = Cleanup()

    with worker(world):
        rows = list(message(deployment(world), cleanup, quick()))
        removed = list(cleanup.remove())

    assert levels(rows) == [("track queue to dead letters", Level.OK), ("track redrive", Level.OK)]
    assert [row.level for row in removed] == [Level.OK]
    assert (world.queued("track"), world.dead("track")) == ([], [])
    assert world.dead("onesignal") == ['{"somebody": "else\'s"}']


def test_another_systems_queue_is_tried_where_track_is_off(world: World) -> None:
    outputs = {name: text for name, text in world.stack.outputs.items() if not name.startswith("Track")}

    made = deployment(world, outputs=outputs)

    assert message_check.message_system(made) == "onesignal"
    assert [row.what for row in synthetic_events(made, Cleanup(), quick())] == ["synthetic event"]


def test_nothing_is_sent_to_a_worker_that_is_off(world: World) -> None:
    cleanup = Cleanup()

    (row,) = message(deployment(world, state="Disabled"), cleanup, quick())

    assert (row.level, row.seen) == (Level.FINDING, "Disabled, no result yet")
    assert "nothing was sent" in row.do
    assert (list(cleanup.remove()), world.queued("track")) == ([], [])


def test_a_message_that_no_worker_takes_is_a_finding_and_is_named_as_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_check, "SECONDS", 0.2)
    cleanup = Cleanup()

    (row,) = message(deployment(world), cleanup, quick())
    (left,) = cleanup.remove()

    assert (row.level, row.seen) == (Level.FINDING, "none")
    assert (left.level, left.seen) == (Level.FINDING, "left over")
    assert "deadletters list --system track --error unreadable --stack test" in left.do
    assert len(world.queued("track")) == 1


def test_a_worker_that_takes_only_the_first_is_found_by_the_redrive(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_check, "SECONDS", 0.5)

    with worker(world, at_most=1):
        rows = list(message(deployment(world), Cleanup(), quick()))

    assert levels(rows) == [("track queue to dead letters", Level.OK), ("track redrive", Level.FINDING)]


def test_a_letter_of_another_reason_is_a_finding(world: World) -> None:
    with worker(world, "window over"):
        rows = list(message(deployment(world), Cleanup(), quick()))

    assert (rows[0].level, rows[0].seen) == (Level.FINDING, "window over")


def test_the_plan_names_the_alarm_and_the_store(world: World) -> None:
    lines = plan(deployment(world, parameters={"EventStore": "firehose://"}))

    assert "test-TrackDeadLettersAlarm-1" in lines[0]
    assert "firehose" in lines[1]


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_no_event_is_sent_where_nobody_could_remove_it(world: World) -> None:
    store = {"EventStore": "mysql+pymysql://u@127.0.0.1:9/d?tls=off&secret=own"}
    cleanup = Cleanup()

    (row,) = event(deployment(world, parameters=store), cleanup, quick())

    assert row.level is Level.SKIPPED
    assert "not sent, as the event store cannot be asked (" in row.seen
    assert list(cleanup.remove()) == []


def test_a_removal_that_fails_is_named_and_keeps_no_other_from_being_made() -> None:
    def fails() -> str:
        raise CommandError("the database is gone")

    def interrupted() -> str:
        raise KeyboardInterrupt

    cleanup = Cleanup()
    for name, remove in (("first", lambda: ""), ("second", fails), ("third", interrupted)):
        cleanup.add(name, remove)

    rows = list(cleanup.remove())

    assert [(row.what, row.level) for row in rows] == [
        ("removed: third", Level.FINDING),
        ("removed: second", Level.FINDING),
        ("removed: first", Level.OK),
    ]
    assert "the database is gone" in rows[1].do
    assert list(cleanup.remove()) == []


class Written(Bucket):
    """A bucket whose listing says when each object was written."""

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
        old = datetime.now(UTC) - timedelta(hours=1)
        pages: list[dict[str, Any]] = super().paginate(Bucket=Bucket, Prefix=Prefix)
        for page in pages:
            for each in page.get("Contents", []):
                each["LastModified"] = old if "old" in each["Key"] else datetime.now(UTC)
        return pages


def objects(bucket: Written, session: str) -> Objects:
    stack = Stack(name="test", client=lambda service: bucket, outputs={"TrackBucketName": "bucket"})
    made = Deployment(stack=stack, api=ApiClient("http://127.0.0.1:9"))
    return Objects(made, "bucket", session, quick())


def test_an_event_goes_from_the_objects_that_were_written_since() -> None:
    day = datetime.now(UTC).date().isoformat()
    ours, other = (json.dumps({"SessionID": name}).encode() + b"\n" for name in ("doctor1", "doctor2"))
    key = f"events/SessionEvent/dt={day}"
    bucket = Written({f"{key}/new.gz": gzip.compress(other + ours), f"{key}/old.gz": gzip.compress(ours)})

    said = objects(bucket, "doctor1").remove()

    assert said == ""
    assert gzip.decompress(bucket.objects[f"{key}/new.gz"]) == other
    assert gzip.decompress(bucket.objects[f"{key}/old.gz"]) == ours  # not read at all


def test_nothing_is_said_to_be_left_of_an_event_that_was_refused() -> None:
    assert objects(Written({}), "doctor1").remove() == ""


@pytest.mark.parametrize("awaited", [True, False])
def test_a_row_that_has_not_arrived_is_named(awaited: bool, world: World, tmp_path: Path) -> None:
    store = {"EventStore": f"sqlite:///{tmp_path / 'track.db'}"}
    migrate(store["EventStore"])
    rows = Rows(replace(world.stack, parameters=store), "doctor1")
    rows.may_arrive = awaited

    assert rows.count() == 0
    assert ("--user doctor1 --stack test" in rows.remove()) is awaited


def test_what_firehose_still_holds_is_named_with_the_command_that_removes_it() -> None:
    waiting = objects(Written({}), "doctor1")
    waiting.may_arrive = True

    said = waiting.remove()

    assert "bin/trackgate forget --system track --user doctor1 --stack test" in said
