"""A batch of rows: the store takes it together, the queue what failed."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.errors import Transient
from gateway.inbound.items import MAX_ITEMS
from tests.fixtures.doors import Door, items, queued, statuses
from tests.gateway.delivery.cloud import Aws

ITEM = "/batch/track/item"
ITEM_BODY = {"ProfileID": 7, "Region": "BR", "ItemName": "gem", "ItemType": "t"}


def test_a_store_without_a_queue_says_what_failed(
    door: Callable[[str], Door], door_cloud: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = door(ITEM).having(delivery="off")
    failures = [None, Transient("ServiceUnavailable"), None]
    monkeypatch.setattr(opened.handler.system.upstream, "send_many", lambda tasks, seconds: failures)

    answer = opened([ITEM_BODY] * 3)

    assert (answer["statusCode"], statuses(answer)) == (207, [201, 503, 201])
    assert items(answer)[1]["delivery"] == "unknown"
    assert door_cloud.queues["queue"] == []


@pytest.mark.parametrize(("delivery", "sends"), [("direct", True), ("queued", False)])
def test_the_delivery_setting_is_obeyed(
    door: Callable[[str], Door], door_cloud: Aws, monkeypatch: pytest.MonkeyPatch, delivery: str, sends: bool
) -> None:
    opened = door(ITEM).having(delivery=delivery)
    sent: list[Any] = []

    def send_many(tasks: Any, *, seconds: float) -> list[Any]:
        sent.extend(tasks)
        return [None] * len(tasks)

    monkeypatch.setattr(opened.handler.system.upstream, "send_many", send_many)

    opened([ITEM_BODY] * 3)

    assert (len(sent), len(door_cloud.queues["queue"])) == ((3, 0) if sends else (0, 3))


def test_without_a_queue_there_is_no_door_for_a_keyed_batch(
    door: Callable[[str], Door], door_cloud: Aws
) -> None:
    """Its items could only be queued: each would fail, at every repeat."""
    opened = door(ITEM).having(delivery="off")

    assert opened([ITEM_BODY], headers={"Idempotency-Key": "K"})["statusCode"] == 404


def test_a_keyed_item_of_a_store_is_queued(
    door: Callable[[str], Door], door_cloud: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = door(ITEM)
    monkeypatch.setattr(opened.handler.system.upstream, "send_many", lambda *_, **__: pytest.fail("sent"))

    answer = opened([ITEM_BODY] * 3, headers={"Idempotency-Key": "K"})

    assert {item["delivery"] for item in items(answer)} == {"queued"}
    assert len({task.key for task in queued(door_cloud)}) == 3


def test_a_store_takes_them_together_and_the_queue_what_failed(
    door: Callable[[str], Door], door_cloud: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = door(ITEM)
    sent: list[int] = []

    def send_many(tasks: Any, *, seconds: float) -> list[Any]:
        sent.append(len(tasks))
        return [Transient("ServiceUnavailable") if index == 7 else None for index in range(len(tasks))]

    monkeypatch.setattr(opened.handler.system.upstream, "send_many", send_many)

    answer = opened([ITEM_BODY] * MAX_ITEMS)

    assert (answer["statusCode"], sent, len(door_cloud.queues["queue"])) == (200, [MAX_ITEMS], 1)
    assert Counter(item["delivery"] for item in items(answer)) == {"delivered": 499, "queued": 1}
    assert items(answer)[7]["delivery"] == "queued"
    assert set(statuses(answer)) == {201}
