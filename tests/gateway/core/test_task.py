"""Delivery tasks as plain data: what was written is read, and nothing else is."""

import base64

import pytest

from gateway.core.message import HttpRequest, Opaque
from gateway.core.task import DeliveryTask, NewerVersion, batch_id, item_id, new_event_id
from track.row import Row


def test_a_task_is_read_as_it_was_written() -> None:
    request = HttpRequest(method="PUT", path="/a", headers={"A": "b"}, body=b"\xff\x00", account="p")
    task = DeliveryTask(
        system="trax",
        endpoint="session",
        event_id="E",
        received_at=1.5,
        payload=request,
        scope=("p", "u"),
        key="k",
        fingerprint="f",
        expires_at=7,
    )

    assert DeliveryTask.loads(task.dumps(), HttpRequest.of) == task
    assert DeliveryTask.loads(task.dumps()).payload == Opaque(request.data())
    assert base64.b64decode(str(task.payload.data()["body"])) == b"\xff\x00"


def test_a_row_is_read_as_it_was_written() -> None:
    row = Row(table="UserEvent", values={"ProfileID": 7, "Region": "BR", "IsUGC": True})

    assert Row.of(row.data()) == row


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version":0}',
        '{"version":"2"}',
        '{"version":1}',
        '{"version":2}',
        '{"version":1,"received_at":1,"x":2}',
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        DeliveryTask.loads(text)

    assert not isinstance(refused.value, NewerVersion)


@pytest.mark.parametrize("text", ['{"version":3}', '{"version":99,"anything":["else"]}'])
def test_what_a_newer_release_wrote_is_told_apart(text: str) -> None:
    with pytest.raises(NewerVersion):
        DeliveryTask.loads(text)


def test_parts_of_another_type_are_refused() -> None:
    good = DeliveryTask(system="s", endpoint="e", event_id="i", received_at=1.0, payload=Opaque({"a": 1}))
    for part in (
        '"expires_at":"x"',
        '"payload":[]',
        '"payload":{"body":"e30="}',
        '"payload":{"body":7}',
        '"event_id":7',
        '"scope":[1]',
        '"received_at":"x"',
    ):
        text = good.dumps()[:-1].replace(part.split(":")[0], '"was') + "," + part + "}"
        with pytest.raises(ValueError, match=r"."):
            DeliveryTask.loads(text, HttpRequest.of)


def test_a_message_holds_no_character_that_sqs_refuses() -> None:
    task = DeliveryTask(
        system="s", endpoint="e", event_id="i", received_at=1.0, payload=Opaque({"a": "\uffff\ufffe\x00☃"})
    )

    assert task.dumps().isascii()
    assert DeliveryTask.loads(task.dumps()) == task


def test_event_ids_are_ulids_sorted_by_time() -> None:
    # The first ten characters are the milliseconds: https://github.com/ulid/spec.
    assert new_event_id(1469918176.385)[:10] == "01ARYZ6S41"
    assert len({new_event_id() for _ in range(1000)}) == 1000
    assert new_event_id(1.0) < new_event_id(1.001)


def test_the_items_of_a_batch_count_up_from_its_id() -> None:
    batch = batch_id(new_event_id())

    items = [item_id(batch, index) for index in range(500)]

    assert [batch, *items] == sorted({batch, *items})
    assert {batch_id(item) for item in items} == {batch}
    assert {len(item) for item in items} == {26}
