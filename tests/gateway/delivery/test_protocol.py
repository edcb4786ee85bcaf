"""Redeliveries without a claim: where the upstream takes an event id once and the key is the event's own."""

import os
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import Refused, Transient, UpstreamError
from gateway.core.identity import event_key
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.outcomes import Dead, Done, Dropped, Ending, Later, Unrecorded
from gateway.delivery.sending import UNCLAIMED_RECEIVES
from gateway.outbound import aws
from gateway.system import Contract, System
from tests.gateway.delivery.cloud import OK, Aws, Vendor, delivery, task
from tests.gateway.delivery.test_sending import Filed, _leases_are_over

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


def _work(folder: Path, names: str, receives: int) -> None:
    """A worker's process: its store kills it when it gets the row `x`."""
    aws.post = Filed(folder)

    class Deadly(Vendor):
        def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
            if "x" in [each.event_id for each in tasks]:
                os.kill(os.getpid(), 9)
            for each in tasks:
                self.send(each, seconds=seconds)
            return [None] * len(tasks)

        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            if task.event_id == "x":
                os.kill(os.getpid(), 9)
            (folder / f"stored-{task.event_id}").touch()
            return OK

    again(rows(Deadly(OK, at_once=500)), *map(keyed_by_event, names), receives=receives)


def _killed(folder: Path, names: str, receives: int) -> bool:
    """Whether a worker that gets these rows dies of it; by then, its leases are over."""
    process = get_context("fork").Process(target=_work, args=(folder, names, receives))
    process.start()
    process.join(60)
    _leases_are_over(folder)
    return process.exitcode == -9


def _stored(folder: Path) -> str:
    return "".join(sorted(path.name[-1] for path in folder.glob("stored-*")))


def test_a_row_that_kills_its_worker_is_sent_alone_in_the_end(tmp_path: Path) -> None:
    assert _killed(tmp_path, "xabc", UNCLAIMED_RECEIVES)
    assert (_stored(tmp_path), Filed(tmp_path).items) == ("", {})

    assert _killed(tmp_path, "xabc", UNCLAIMED_RECEIVES + 1)
    assert _stored(tmp_path) == ""
    assert _killed(tmp_path, "xdef", UNCLAIMED_RECEIVES + 2)
    assert _stored(tmp_path) == "def"
    assert not _killed(tmp_path, "abc", UNCLAIMED_RECEIVES + 2)
    assert _stored(tmp_path) == "abcdef"
