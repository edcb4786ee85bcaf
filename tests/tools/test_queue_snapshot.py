"""What a run leaves behind: taken over from the local AWS's state, and in no hurry to be forgotten."""

import json
import time
from pathlib import Path
from typing import Any, cast

import pytest

from tools.errors import CommandError
from tools.local import queue_snapshot
from tools.local.aws import LocalAws
from tools.local.deploy import Deployed
from tools.local.queue_snapshot import QueueSnapshot
from tools.places import Places
from tools.template.reader import Template

SOON = str(time.time() + 86_400)
PAST = str(time.time() - 60)


def _store(**entries: Any) -> dict[str, Any]:
    return {"__account_region_scoped__": True, "data": entries}


def _written(state: Path) -> None:
    """What MiniStack writes when it ends, as far as it is read."""
    queue = {"name": "trackgate-TraxQueue-46E411BCD3649", "messages": [{"id": "m1", "body": "a call"}]}
    items = {
        key: {"": {"key": {"S": key}, "expires": {"N": expires}}}
        for key, expires in (("new", SOON), ("old", PAST))
    }
    table = {"TableName": "trackgate-TraxRecords-46E411BCD3649", "items": items}
    state.mkdir()
    (state / "sqs.json").write_text(json.dumps({"payload": {"queues": _store(q=queue)}}))
    (state / "dynamodb.json").write_text(json.dumps({"payload": {"tables": _store(t=table)}}))
    (state / "secretsmanager.json").write_text(json.dumps({"payload": {"secrets": _store()}}))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(tmp_path)
    _written(found.aws)
    return found


class Aws:
    """Takes what is put back, and fails where it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.taken: list[str] = []

    def client(self, service: str) -> "Aws":
        return self

    def batch_write_item(self, RequestItems: dict[str, Any]) -> None:
        self.taken += RequestItems

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        if self.fails:
            raise ConnectionError
        self.taken.append(f"{QueueUrl}: {MessageBody}")


def _put_back(found: QueueSnapshot, aws: Aws, **resources: str) -> None:
    found.restore(cast(LocalAws, aws), Deployed(outputs={}, resources=resources))


def test_messages_and_living_records_are_taken_over_and_the_rest_goes(places: Places) -> None:
    found = queue_snapshot.take(places)

    assert found.messages == {"TraxQueue": {"m1": "a call"}}
    assert list(found.records["TraxRecords"]) == ["new"]
    assert not places.aws.exists()
    assert QueueSnapshot.read(places.queue_snapshot) == found


def test_found_twice_it_is_there_once(places: Places) -> None:
    queue_snapshot.take(places)
    _written(places.aws)  # killed before the state was removed

    assert queue_snapshot.take(places).messages == {"TraxQueue": {"m1": "a call"}}


def test_records_come_back_before_the_messages_that_they_are_about(places: Places) -> None:
    found, aws = queue_snapshot.take(places), Aws()

    _put_back(found, aws, TraxQueue="queue", TraxRecords="table")
    found.write(places.queue_snapshot)

    assert aws.taken == ["table", "queue: a call"]
    assert not places.queue_snapshot.exists()


def test_what_has_no_place_in_this_deployment_stays_for_another(places: Places) -> None:
    found, aws = queue_snapshot.take(places), Aws()

    _put_back(found, aws, OneSignalQueue="queue")
    found.write(places.queue_snapshot)

    assert aws.taken == []
    assert QueueSnapshot.read(places.queue_snapshot).messages == {"TraxQueue": {"m1": "a call"}}


def test_a_start_that_fails_on_its_way_has_lost_nothing(places: Places) -> None:
    with pytest.raises(ConnectionError):
        _put_back(queue_snapshot.take(places), Aws(fails=True), TraxQueue="queue", TraxRecords="table")

    assert queue_snapshot.take(places).messages == {"TraxQueue": {"m1": "a call"}}


def test_nothing_was_left(tmp_path: Path) -> None:
    assert not queue_snapshot.take(Places(tmp_path))
    assert not (tmp_path / "kept.json").exists()


def test_a_system_that_was_on_hold_is_known_by_its_item() -> None:
    template = Template.read()
    held, free, *_ = template.prefixes
    snapshot = QueueSnapshot(
        records={
            f"{template.prefixes[held]}Records": {"a": {}, "b": {"until": {"N": SOON}}},
            f"{template.prefixes[free]}Records": {"a": {"lease": {"N": SOON}}},
        }
    )

    assert snapshot.held(template) == [held]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"messages": {}, "leases": {}}',
        '{"messages": ',
        '{"messages": []}',
        '{"messages": {"TraxQueue": ["a call"]}}',
        '{"messages": {"TraxQueue": {"m1": 1}}}',
        '{"records": null}',
        '{"records": {"TraxRecords": {"new": "a record"}}}',
    ],
)
def test_a_file_of_another_version_is_named_with_the_way_out(tmp_path: Path, text: str) -> None:
    places = Places(tmp_path)
    places.queue_snapshot.write_text(text)

    with pytest.raises(CommandError, match=r"kept\.json is damaged or of another version .* STATE=…"):
        queue_snapshot.take(places)

    assert places.queue_snapshot.read_text() == text, "it stays"


def test_a_state_that_the_local_aws_has_not_written_to_its_end_stays(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.aws.mkdir()
    (places.aws / "sqs.json").write_text('{"payload": ')

    with pytest.raises(CommandError, match="aws is damaged or of another version"):
        queue_snapshot.take(places)

    assert (places.aws / "sqs.json").exists()
