"""The first attempt at several tasks: some leave together, some are queued together, some are neither."""

import time
from collections.abc import Sequence

import pytest

from gateway.core.errors import Refused, Transient, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.circuit_breaker import FAILURES
from gateway.delivery.hold import item_key
from gateway.delivery.outcomes import Delivered, Failed, Outcome, Queued
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from gateway.delivery.protocol import StoreUnavailable
from gateway.system import System
from tests.gateway.delivery.cloud import CLIENTS_KEY, OK, Aws, Vendor, delivery, task

TASKS = [task(f"e{number}", f"k{number}") for number in range(12)]
LOST, DOWN = Transient("timeout", may_have_arrived=True), Transient("unreachable")
NEVER = DeliveryPolicy(queue=QueuePolicy.NEVER)


def many(
    way: System, policy: DeliveryPolicy | None = None, *, together: bool = True, **time: float
) -> list[Outcome]:
    policies = [policy or DeliveryPolicy()] * len(TASKS)
    return way.deliver_many(TASKS, policies, together=together, **{"seconds_left": 10, **time})


def queued(cloud: Aws) -> list[DeliveryTask]:
    return [DeliveryTask.loads(text) for text in cloud.queues["queue"]]


def test_nothing_becomes_nothing(cloud: Aws) -> None:
    assert delivery(Vendor(OK)).deliver_many([], [], together=True, seconds_left=10) == []


def test_what_the_upstream_takes_together_leaves_together(cloud: Aws) -> None:
    vendor = Vendor(OK, at_once=500)

    outcomes = many(delivery(vendor))

    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert vendor.sent == [each.event_id for each in TASKS]
    assert (cloud.queues["queue"], cloud.items) == ([], {})


@pytest.mark.parametrize(("left", "budget"), [(10, 1.8), (6, 1), (2, 0.1)])
def test_a_send_leaves_time_for_what_follows_it(cloud: Aws, left: float, budget: float) -> None:
    given: list[float] = []

    class Noting(Vendor):
        def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
            given.append(seconds)
            return super().send_many(tasks, seconds=seconds)

    many(delivery(Noting(OK, at_once=500)), seconds_left=left)

    assert given == [pytest.approx(budget, abs=0.05)]


def test_only_what_failed_is_queued(cloud: Aws) -> None:
    refused = Refused(Reply(status=400))
    vendor = Vendor(OK, LOST, refused, OK, at_once=500)

    outcomes = many(delivery(vendor))

    assert (outcomes[1], outcomes[2]) == (Queued(), Failed(refused))
    assert sum(isinstance(outcome, Delivered) for outcome in outcomes) == 10
    assert queued(cloud) == [TASKS[1]]


def test_an_unknown_outcome_is_not_queued_where_the_setting_says_so(cloud: Aws) -> None:
    vendor = Vendor(LOST, DOWN, OK, at_once=500)

    outcomes = many(delivery(vendor), DeliveryPolicy(queue=QueuePolicy.ON_CERTAIN_FAILURE))

    assert outcomes[:2] == [Failed(LOST), Queued()]
    assert queued(cloud) == [TASKS[1]]


def test_what_may_not_be_queued_fails_alone(cloud: Aws) -> None:
    outcomes = many(delivery(Vendor(OK, DOWN, OK, at_once=500)), NEVER)

    assert [index for index, outcome in enumerate(outcomes) if outcome == Failed(DOWN)] == [1]
    assert cloud.queues["queue"] == []


def test_what_does_not_leave_together_is_queued_unsent(cloud: Aws) -> None:
    vendor = Vendor(OK)

    assert many(delivery(vendor), together=False) == [Queued()] * 12
    assert (vendor.sent, queued(cloud), cloud.batches) == ([], TASKS, [10, 2])


@pytest.mark.parametrize("key", [KeyPolicy.CLIENT, KeyPolicy.NATURAL, KeyPolicy.UNTIL_KNOWN])
def test_a_key_that_counts_is_left_to_the_worker(cloud: Aws, key: KeyPolicy) -> None:
    vendor = Vendor(OK, at_once=500)

    assert many(delivery(vendor), DeliveryPolicy(key)) == [Queued()] * 12
    assert (vendor.sent, queued(cloud), cloud.items) == ([], TASKS, {})


def test_a_key_cannot_count_without_a_queue(cloud: Aws) -> None:
    outcomes = many(delivery(Vendor(OK, at_once=500)), DeliveryPolicy(KeyPolicy.CLIENT, QueuePolicy.NEVER))

    assert [type(outcome.error) for outcome in outcomes if isinstance(outcome, Failed)] == [
        StoreUnavailable
    ] * 12


def test_each_that_the_queue_does_not_take_fails(cloud: Aws) -> None:
    cloud.refused = ["e3", "e3"]

    outcomes = many(delivery(Vendor(OK)), CLIENTS_KEY)

    assert [index for index, outcome in enumerate(outcomes) if isinstance(outcome, Failed)] == [3]
    assert len(cloud.queues["queue"]) == 11


def test_all_fail_without_a_queue(cloud: Aws) -> None:
    cloud.down = {"queue"}

    assert many(delivery(Vendor(DOWN, at_once=500))) == [Failed(DOWN)] * 12


def test_without_time_nothing_is_said_to_be_queued(cloud: Aws) -> None:
    outcomes = many(delivery(Vendor(OK)), together=False, seconds_left=0.5)

    assert all(isinstance(outcome, Failed) for outcome in outcomes)
    assert cloud.queues["queue"] == []


def test_while_the_circuit_breaker_is_open_all_are_queued(cloud: Aws) -> None:
    vendor = Vendor(DOWN, at_once=500)
    way = delivery(vendor)
    for _ in range(FAILURES):  # a failed send counts once, however many tasks it has
        many(way)
    sent = len(vendor.sent)

    assert many(way) == [Queued()] * 12
    assert len(vendor.sent) == sent == 12 * FAILURES


def test_a_system_on_hold_sends_nothing(cloud: Aws) -> None:
    vendor = Vendor(OK, at_once=500)
    now = time.time()
    cloud.items[item_key(delivery(Vendor(OK)).name)] = {
        "since": {"N": str(now)},
        "until": {"N": str(now + 60)},
    }
    way = delivery(vendor)

    assert many(way) == [Queued()] * 12
    assert {type(outcome) for outcome in many(way, NEVER)} == {Failed}
    assert vendor.sent == []
