"""Redeliveries without a claim: where the upstream takes an event id once and the key is the event's own."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import Refused, Transient
from gateway.core.identity import event_key
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.outcomes import Dead, Done, Dropped, Ending, Later, Unrecorded
from gateway.delivery.sending import UNCLAIMED_RECEIVES
from gateway.system import Contract, System
from tests.gateway.delivery.cloud import OK, Aws, Vendor, delivery, task

ROWS = Contract(idempotent=True, takes_once=True)


def rows(vendor: Vendor, contract: Contract = ROWS, **settings: Any) -> System:
    return replace(delivery(vendor, **settings), contract=contract)


def keyed_by_event(event: str = "e", scope: tuple[str, ...] = ("7",)) -> DeliveryTask:
    key = event_key(task().system, task().endpoint, scope, event)
    return replace(task(event), key=key, fingerprint=key, scope=scope)


def again(way: System, *tasks: DeliveryTask, receives: int = 1, last: bool = False) -> list[Any]:
    sending = [Pending(task=each, text=each.dumps(), receives=receives, last=last) for each in tasks]
    return way.redelivery.send(sending, seconds_left=lambda: 60)


def test_no_record_is_read_or_written(cloud: Aws) -> None:
    cloud.down = {"PutItem"}
    vendor = Vendor(OK, at_once=500)

    assert again(rows(vendor), *map(keyed_by_event, "abc")) == [Done()] * 3
    assert (vendor.sent, cloud.items) == (["a", "b", "c"], {})


def test_the_id_of_a_client_key_is_no_part_of_the_events_own_key() -> None:
    by_event = keyed_by_event()

    assert by_event.is_keyed_by_event
    assert replace(by_event, scope=("7", "k1")).is_keyed_by_event
    assert not replace(by_event, scope=("7", "k1", "k2")).is_keyed_by_event


@pytest.mark.parametrize(
    "claimed",
    [
        task(key="clients", fingerprint="request"),
        task(key="natural", fingerprint="natural"),
        replace(keyed_by_event(), event_id="another"),
        replace(keyed_by_event(), endpoint="another"),
        replace(keyed_by_event(), fingerprint="another"),
    ],
    ids=["a client's key", "a natural key", "another event", "another endpoint", "a fingerprint"],
)
def test_any_other_key_is_claimed(cloud: Aws, claimed: DeliveryTask) -> None:
    vendor = Vendor(OK)

    assert again(rows(vendor), claimed, claimed) == [Done(), Dropped()]
    assert (len(vendor.sent), cloud.states) == (1, ["done"])


@pytest.mark.parametrize(
    ("contract", "settings"),
    [
        (Contract(idempotent=True), {}),
        (Contract(takes_once=True), {}),
        (ROWS, {"on_unknown_outcome": "fail"}),
    ],
    ids=["an upstream that takes an id twice", "bounded tries", "no repeat after an unknown outcome"],
)
def test_so_is_every_key_where_a_repeat_counts(
    cloud: Aws, contract: Contract, settings: dict[str, Any]
) -> None:
    assert again(rows(Vendor(OK), contract, **settings), keyed_by_event()) == [Done()]
    assert cloud.states == ["done"]


def test_a_message_that_came_too_often_is_claimed(cloud: Aws) -> None:
    """If it is what kills its process, its record will say so."""
    way = rows(Vendor(OK))

    assert again(way, keyed_by_event("a"), receives=UNCLAIMED_RECEIVES) == [Done()]
    assert cloud.items == {}
    assert again(way, keyed_by_event("b"), receives=UNCLAIMED_RECEIVES + 1) == [Done()]
    assert cloud.states == ["done"]
    cloud.down = {"dynamodb"}
    assert again(way, keyed_by_event("c"), receives=UNCLAIMED_RECEIVES + 1) == [Unrecorded()]


def test_what_the_upstream_refuses_is_a_dead_letter(cloud: Aws) -> None:
    vendor = Vendor(OK, Refused(Reply(status=400, body=b"why")), OK, at_once=500)

    fates = again(rows(vendor), *map(keyed_by_event, "abc"))

    assert fates == [Done(), Dead(Ending.REFUSED), Done()]
    letter = DeadLetter.loads(cloud.queues["dead"][0])
    assert (letter.reason, letter.body) == ("refused", b"why")


@pytest.mark.parametrize(
    ("failure", "fate"),
    [(Transient("timeout", may_have_arrived=True), Dead), (Transient("no time", tried=False), Later)],
)
def test_the_last_try_ends_it_if_it_was_one(cloud: Aws, failure: Transient, fate: type[Any]) -> None:
    [found] = again(rows(Vendor(failure)), keyed_by_event(), last=True)

    assert isinstance(found, fate)
    assert len(cloud.queues["dead"]) == (fate is Dead)
    assert cloud.items == {}


def test_what_fails_stays_for_as_long_as_it_likes(cloud: Aws) -> None:
    [fate] = again(rows(Vendor(Transient("timeout", may_have_arrived=True))), keyed_by_event())

    assert isinstance(fate, Later)
    assert (fate.reason, fate.spaced, fate.finds_out) == ("timeout", False, True)
