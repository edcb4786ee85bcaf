"""An upgrade amid a hold or a batch: what earlier releases queued unsent is kept back, then delivered."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.operator.conftest import World
from tests.safety.outside import ENDPOINTS, Outside, deploy, success
from tests.upgrade.asking import (
    at_that_time,
    batch_requested,
    delivered,
    redeliver,
    requested,
    sent_to_queue,
)
from tests.upgrade.released import RELEASES, Release, endpoint_of
from tests.upgrade.unsent import BATCHES, Unsent

SAMPLED = [release for release in RELEASES if (release.folder / BATCHES).exists()]


@pytest.fixture(scope="module")
def made() -> list[Unsent]:
    """What this checkout leaves, once a test has made it."""
    return []


@pytest.fixture(params=[*SAMPLED, None], ids=lambda release: str(release or "this"))
def unsent(request: pytest.FixtureRequest, made: list[Unsent], monkeypatch: pytest.MonkeyPatch) -> Unsent:
    """What each release left, and what this checkout would leave."""
    release: Release | None = request.param
    if release is None and not made:
        world: World = request.getfixturevalue("world")
        now = round(time.time(), 3)
        at_that_time(now, monkeypatch)
        made.append(Unsent.made(world, monkeypatch, now))
    found = Unsent.of(release.folder) if release else made[0]
    at_that_time(found.made_at, monkeypatch)
    return found


def deployed_as(module: str) -> list[str]:
    """The endpoint, and the same in each variant of its system."""
    return [name for name, found in ENDPOINTS.items() if found.function.module == module]


def test_an_item_of_a_batch_arrives_as_today_and_once_if_the_call_is_repeated(
    unsent: Unsent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for message in unsent.batches:
        for module in deployed_as(endpoint_of(message)):
            outside = Outside(vendor=success(module))
            today = deploy(module, outside, monkeypatch)
            today(batch_requested(module))
            (repeated,) = sent_to_queue(outside)

            assert redeliver(today.system, message) == []
            (first,) = delivered(outside)
            assert redeliver(today.system, repeated) == []
            assert delivered(outside) == [first], module

            outside.items.clear()
            redeliver(today.system, repeated)
            assert delivered(outside) == [first, first], module


def test_a_held_system_sends_nothing(unsent: Unsent, monkeypatch: pytest.MonkeyPatch) -> None:
    for hold, event in held_events(unsent):
        module = event["endpoint"]
        outside, today = after_upgrade(module, monkeypatch, hold["item"])

        response = today(requested(module))

        assert response["headers"]["Gateway-Delivery"] == "queued", module
        assert len(redeliver(today.system, event["message"])) == 1, "it stays in the queue"
        assert delivered(outside) == []


def test_a_system_that_is_resuming_queues_first_and_delivers(
    unsent: Unsent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hold, event in held_events(unsent):
        module = event["endpoint"]
        outside, today = after_upgrade(module, monkeypatch, hold["resuming"])

        response = today(requested(module))

        assert response["headers"]["Gateway-Delivery"] == "queued", module
        assert delivered(outside) == []
        assert redeliver(today.system, event["message"]) == []
        assert len(delivered(outside)) == 1


def test_an_event_of_a_hold_is_answered_as_before_and_delivered_as_today(
    unsent: Unsent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _, event in held_events(unsent):
        module = event["endpoint"]
        outside, today = after_upgrade(module, monkeypatch, event["item"])

        response = today(requested(module))

        assert response["body"] == event["response"]["body"]
        assert response["headers"]["Idempotency-Replayed"] == "true", module
        assert delivered(outside) == []
        assert redeliver(today.system, event["message"]) == []
        outside.items.clear()
        today(requested(module))
        later, now = delivered(outside)
        assert later == now, module


def test_every_endpoint_that_may_queue_has_its_sample(unsent: Unsent) -> None:
    """Whatever has a door may queue, and whatever may queue can be held."""
    batched = {endpoint_of(message) for message in unsent.batches}
    held = {event["endpoint"] for _, event in held_events(unsent)}

    assert len(batched) == len(unsent.batches) > 10
    assert batched <= held
    assert {json.loads(message)["received_at"] for message in unsent.batches} == {unsent.made_at}


def held_events(unsent: Unsent) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(hold, event) for hold in unsent.holds for event in hold["events"]]


def after_upgrade(module: str, patch: pytest.MonkeyPatch, item: dict[str, Any]) -> tuple[Outside, Any]:
    """The endpoint, with one item in its system's table."""
    outside = Outside(vendor=success(module), items={item["key"]["S"]: item})
    return outside, deploy(module, outside, patch)
