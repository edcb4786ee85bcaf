"""A held system: what a function knows of its hold, and what then becomes of requests and messages."""

import json
import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.core.message import HttpRequest, Opaque
from gateway.core.task import DeliveryTask
from gateway.delivery import hold
from gateway.delivery.erasure import item_key as tombstones_key
from gateway.delivery.erasure import mark
from gateway.delivery.hold import CurrentHold, DeliveriesHeld
from gateway.delivery.outcomes import Delivered, Failed, Queued
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from gateway.delivery.queue import CAP_SECONDS, SPARING_RECEIVES, SPARING_SECONDS, backoff
from gateway.delivery.redelivery import KEEP_SECONDS
from gateway.outbound import aws
from gateway.system import Contract, System
from tests.gateway.delivery.cloud import OK, Aws, Vendor, delivery, first, task

SYSTEM = delivery(Vendor(OK)).name
ITEM = hold.item_key(SYSTEM)
EVERY_POLICY = [DeliveryPolicy(key, queue) for key in KeyPolicy for queue in QueuePolicy]
QUEUING = [policy for policy in EVERY_POLICY if policy.may_queue]
ONLY_NOW = [policy for policy in EVERY_POLICY if not policy.may_queue]


def item(*, since: float = 0, until: float = 600, resuming: bool = False) -> dict[str, Any]:
    """A hold's item; times are seconds from now."""
    now = time.time()
    return {
        "key": {"S": ITEM},
        "since": {"N": str(now + since)},
        "until": {"N": str(now + until)},
        "resuming": {"BOOL": resuming},
        "expires": {"N": str(now + until)},
    }


class Scripted:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Scripted:
    return Scripted()


@pytest.fixture
def reads(cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time limit of each call to AWS."""
    limits: list[float] = []

    def post(*asked: Any, seconds: float) -> Any:
        limits.append(seconds)
        return cloud(*asked, seconds=seconds)

    monkeypatch.setattr(aws, "post", post)
    return limits


def system(vendor: Vendor, clock: Scripted | None = None) -> System:
    """One whose hold is read by this clock."""
    made = replace(delivery(vendor), payload=Opaque)
    if clock is not None:
        made.executor.hold = CurrentHold(SYSTEM, "records", clock=clock)
    return made


def test_a_system_without_a_table_cannot_be_held(reads: list[float], clock: Scripted) -> None:
    assert CurrentHold(SYSTEM, "", clock=clock).read() is None
    assert reads == []


def test_the_item_is_read_every_ten_seconds_in_half_a_second(
    cloud: Aws, reads: list[float], clock: Scripted
) -> None:
    current = CurrentHold(SYSTEM, "records", clock=clock)

    assert current.read() is None
    cloud.items[ITEM] = item()
    clock.now = 9.9
    assert current.read() is None
    assert len(reads) == 1
    clock.now = 10.0
    assert current.read() is not None
    assert reads == [0.5, 0.5]


def test_init_has_a_second_for_it_and_counts_as_a_read(reads: list[float], clock: Scripted) -> None:
    current = CurrentHold(SYSTEM, "records", clock=clock)

    current.prepare()
    current.read()

    assert reads == [1.0]


def test_while_it_cannot_be_read_the_last_known_one_counts_for_a_minute(
    cloud: Aws, reads: list[float], clock: Scripted
) -> None:
    current = CurrentHold(SYSTEM, "records", clock=clock)
    cloud.items[ITEM] = item()
    current.read()
    cloud.down = {"GetItem"}

    held = []
    for clock.now in range(1, 80):
        held.append(current.read() is not None)

    assert held == [True] * 59 + [False] * 20
    assert len(reads) == 8, "a table that is down is asked every ten seconds, and slows down nothing else"


def test_a_table_that_could_never_be_read_holds_nothing(
    cloud: Aws, reads: list[float], clock: Scripted
) -> None:
    current = CurrentHold(SYSTEM, "records", clock=clock)
    cloud.down = {"GetItem"}

    assert [current.read() for _ in range(100)] == [None] * 100
    assert len(reads) == 1


def test_a_table_that_could_never_be_read_is_asked_every_second(
    cloud: Aws, reads: list[float], clock: Scripted
) -> None:
    current = CurrentHold(SYSTEM, "records", clock=clock)
    cloud.items[ITEM] = item()
    cloud.down = {"GetItem"}
    current.prepare()

    clock.now = 0.9
    assert current.read() is None
    clock.now = 1.0
    assert current.read() is None
    cloud.down = set()
    clock.now = 2.0
    assert current.read() is not None
    assert reads == [1.0, 0.5, 0.5]


@pytest.mark.parametrize("broken", [{}, {"until": {"N": "soon"}}, {"until": {"S": "1"}}, {"until": None}])
def test_a_malformed_item_holds_nothing(cloud: Aws, clock: Scripted, broken: dict[str, Any]) -> None:
    cloud.items[ITEM] = {"key": {"S": ITEM}, "since": {"N": "0"}} | broken

    assert CurrentHold(SYSTEM, "records", clock=clock).read() is None


def test_a_hold_ends_by_itself(cloud: Aws, clock: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    current = CurrentHold(SYSTEM, "records", clock=clock)
    cloud.items[ITEM] = item(until=5)
    assert current.read() is not None

    later = time.time() + 5.1
    monkeypatch.setattr("gateway.delivery.hold.time", SimpleNamespace(time=lambda: later))

    assert current.read() is None


def test_another_systems_hold_is_not_this_ones(cloud: Aws) -> None:
    cloud.items[hold.item_key("another")] = item()
    vendor = Vendor(OK)

    assert first(delivery(vendor), DeliveryPolicy()) == Delivered(OK)


@pytest.mark.parametrize("resuming", [False, True])
@pytest.mark.parametrize("policy", QUEUING, ids=str)
def test_what_may_be_queued_is_and_unsent(cloud: Aws, policy: DeliveryPolicy, resuming: bool) -> None:
    cloud.items[ITEM] = item(resuming=resuming)
    vendor = Vendor(OK)

    assert first(delivery(vendor), policy) == Queued()
    assert [DeliveryTask.loads(text) for text in cloud.queues["queue"]] == [task()]
    assert vendor.sent == []


@pytest.mark.parametrize("policy", ONLY_NOW, ids=str)
def test_what_may_not_be_queued_is_refused_and_leaves_nothing(cloud: Aws, policy: DeliveryPolicy) -> None:
    cloud.items[ITEM] = item()
    vendor = Vendor(OK)

    outcome = first(delivery(vendor), policy)

    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, DeliveriesHeld)
    assert (outcome.error.tried, outcome.error.retry_after) == (False, 60)
    assert (vendor.sent, cloud.queues["queue"], list(cloud.items)) == ([], [], [ITEM])


def test_a_client_need_not_wait_longer_than_the_hold(cloud: Aws) -> None:
    cloud.items[ITEM] = item(until=20)

    outcome = first(delivery(Vendor(OK)), DeliveryPolicy(queue=QueuePolicy.NEVER))

    assert outcome.error.retry_after == 20


def test_a_call_that_carries_no_event_is_still_made(cloud: Aws) -> None:
    cloud.items[ITEM] = item()
    vendor = Vendor(OK)
    way = replace(delivery(vendor), by_endpoint={"session": Contract(carries_event=False)})

    assert first(way, DeliveryPolicy(queue=QueuePolicy.NEVER)) == Delivered(OK)


def test_the_worker_delivers_what_was_queued_once_the_hold_is_over(cloud: Aws, clock: Scripted) -> None:
    cloud.items[ITEM] = item()
    vendor = Vendor(OK)
    way = system(vendor, clock)
    first(way, DeliveryPolicy(KeyPolicy.CLIENT))

    held = work(way, *cloud.queues["queue"])
    cloud.items[ITEM] = item(resuming=True)
    clock.now = 10
    resuming = work(way, *cloud.queues["queue"])

    assert (len(held), resuming) == (1, [])
    assert vendor.sent == ["e"]


def records(*texts: str, age: float = 0, receives: int = 1) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(receives),
        "SentTimestamp": str(round((time.time() - age) * 1000)),
    }
    found = enumerate(texts)
    return {
        "Records": [
            {"messageId": f"m{n}", "receiptHandle": f"r{n}", "body": body, "attributes": attributes}
            for n, body in found
        ]
    }


def work(way: System, *texts: str, **given: Any) -> list[str]:
    answer = way.redelivery(records(*texts, **given))
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long the worker lets messages wait, in seconds."""
    found: list[int] = []
    monkeypatch.setattr(
        "gateway.delivery.queue.Queue.later", lambda _, receipt, seconds: found.append(seconds)
    )
    return found


def test_a_worker_whose_event_source_is_enabled_claims_and_sends_nothing(
    cloud: Aws, waits: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.items[ITEM] = item(until=KEEP_SECONDS)
    vendor = Vendor(OK)
    texts = [task(f"e{n}", f"k{n}").dumps() for n in range(10)]

    assert work(system(vendor), *texts) == [f"m{n}" for n in range(10)]
    assert waits == [CAP_SECONDS] * 10
    assert (vendor.sent, list(cloud.items)) == ([], [ITEM])
    (metrics,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert sum(metrics["Held"]) == 10
    assert "Retried" not in metrics, "an alarm that the upstream fails would be false"


def test_nobody_waits_long_beyond_a_hold(cloud: Aws, waits: list[int]) -> None:
    cloud.items[ITEM] = item(until=30)

    work(system(Vendor(OK)), task().dumps())

    assert 25 <= waits[0] <= 30


def test_a_hold_that_begins_during_a_batch_holds_the_rest_of_it(cloud: Aws, clock: Scripted) -> None:
    class Slow(Vendor):
        def send(self, sent: DeliveryTask, *, seconds: float) -> Any:
            cloud.items[ITEM] = item()
            clock.now += 10
            return super().send(sent, seconds=seconds)

    vendor = Slow(OK)
    way = system(vendor, clock)

    assert work(way, task("a", "a").dumps(), task("b", "b").dumps()) == ["m1"]
    assert vendor.sent == ["a"]


def test_a_held_message_outlasts_the_longest_hold() -> None:
    # A message that waits for nothing but the hold, and one that had used up its ordinary receives before.
    for before in (0, SPARING_RECEIVES):
        waited, receives = 0, before
        while waited < hold.LONGEST_SECONDS:
            receives += 1
            waited += backoff(receives, asked=CAP_SECONDS, probe=True, scale=1)
        assert receives < 1000


@pytest.mark.parametrize("receives", [1, 10, 600, SPARING_RECEIVES, SPARING_RECEIVES + 1, 999])
def test_a_hold_costs_no_receive_that_an_outage_would_not(receives: int) -> None:
    held = min(backoff(receives, asked=CAP_SECONDS, probe=True, scale=1) for _ in range(200))

    assert held >= (SPARING_SECONDS / 2 if receives > SPARING_RECEIVES else CAP_SECONDS)


def test_what_the_queue_will_soon_drop_becomes_a_dead_letter_in_a_hold_too(cloud: Aws) -> None:
    cloud.items[ITEM] = item()
    vendor = Vendor(OK)

    assert work(system(vendor), task().dumps(), age=KEEP_SECONDS + 60) == []
    assert (vendor.sent, len(cloud.queues["dead"])) == ([], 1)


def test_a_day_in_a_hold_uses_up_no_last_try(cloud: Aws, clock: Scripted) -> None:
    cloud.items[ITEM] = item()
    vendor = Vendor(OK)
    way = system(vendor, clock)
    late = {"age": hold.LONGEST_SECONDS - 60, "receives": 500}

    assert work(way, task().dumps(), **late) == ["m0"]
    del cloud.items[ITEM]
    clock.now = 10
    assert work(way, task().dumps(), **late) == []
    assert (vendor.sent, cloud.queues["dead"]) == (["e"], [])


def test_what_expires_and_who_is_forgotten_still_go_from_a_held_queue(cloud: Aws) -> None:
    cloud.items[ITEM] = item()
    cloud.items[tombstones_key(SYSTEM)] = {
        "people": {"M": {mark(SYSTEM, "ada"): {"N": str(time.time())}}},
    }
    vendor = Vendor(OK)
    kept = replace(task("kept", "c"), payload=HttpRequest(method="PUT", path="/p"))
    over = replace(kept, expires_at=int(time.time()) - 1, key="a")
    erased = replace(kept, scope=("ada",), key="b")

    assert work(delivery(vendor), over.dumps(), erased.dumps(), kept.dumps()) == ["m2"]
    assert vendor.sent == []


def test_the_hold_is_read_beside_the_secret(cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each begins before the other ends, so INIT takes no longer than the slower one."""
    both = threading.Barrier(2, timeout=5)

    class Preparing(Vendor):
        def prepare(self) -> None:
            both.wait()

    def post(*asked: Any, seconds: float) -> Any:
        if asked[1] == "GetItem":
            both.wait()
        return cloud(*asked, seconds=seconds)

    monkeypatch.setattr(aws, "post", post)
    cloud.items[ITEM] = item()
    vendor = Preparing(OK)
    way = delivery(vendor)

    way.prepare()

    assert first(way, DeliveryPolicy()) == Queued()


def test_a_function_without_events_reads_no_hold(reads: list[float]) -> None:
    delivery(Vendor(OK)).prepare(carries_event=False)

    assert reads == []
