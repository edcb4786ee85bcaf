"""The first attempt at a task, against an upstream, a queue and a table that fail as the test says."""

import time
from typing import Any

import pytest

from gateway.core.errors import Refused, Setup, Transient, UpstreamError
from gateway.core.identity import RequestIdentity
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery import idempotency
from gateway.delivery.idempotency_store import IdempotencyStore
from gateway.delivery.outcomes import (
    Delivered,
    Failed,
    KeyInFlight,
    KeyReused,
    Queued,
    Replayed,
)
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from tests.gateway.delivery.cloud import (
    CLIENTS_KEY,
    OK,
    SETTINGS,
    Aws,
    Vendor,
    delivery,
    first,
    task,
)


def test_a_call_without_a_key_costs_no_record_while_the_upstream_is_well(cloud: Aws) -> None:
    assert first(delivery(Vendor(OK)), DeliveryPolicy()) == Delivered(OK)
    assert (cloud.items, cloud.queues["queue"]) == ({}, [])


@pytest.mark.parametrize(
    "failure",
    [
        Transient("timeout", may_have_arrived=True),
        Transient("status 429"),
        Setup("status 401"),
        Setup("no credential"),
    ],
)
def test_what_cannot_be_sent_is_queued_as_it_was_said(cloud: Aws, failure: UpstreamError) -> None:
    assert first(delivery(Vendor(failure)), DeliveryPolicy()) == Queued()
    assert DeliveryTask.loads(cloud.queues["queue"][0]) == task()


def test_a_refusal_is_never_queued(cloud: Aws) -> None:
    refusal = Refused(Reply(status=400))

    assert first(delivery(Vendor(refusal)), CLIENTS_KEY) == Failed(refusal)
    assert (cloud.items, cloud.queues["queue"]) == ({}, [])


def test_queue_down_too(cloud: Aws) -> None:
    cloud.down = {"queue"}
    failure = Transient("reset")

    assert first(delivery(Vendor(failure)), CLIENTS_KEY) == Failed(failure)
    assert cloud.states == ["sending"]  # SQS may have it, though it did not say so


def test_queue_first(cloud: Aws) -> None:
    vendor = Vendor(OK)

    assert first(delivery(vendor), DeliveryPolicy(queue=QueuePolicy.FIRST)) == Queued()
    assert (vendor.sent, len(cloud.queues["queue"])) == ([], 1)


def test_an_unknown_outcome_is_not_queued_where_the_setting_says_so(cloud: Aws) -> None:
    terms = DeliveryPolicy(queue=QueuePolicy.ON_CERTAIN_FAILURE)
    lost, refused = Transient("timeout", may_have_arrived=True), Transient("unreachable")

    assert first(delivery(Vendor(lost)), terms) == Failed(lost)
    assert first(delivery(Vendor(refused)), terms) == Queued()


def test_a_replay_is_answered_as_first_told(cloud: Aws) -> None:
    vendor = Vendor(OK)
    way = delivery(vendor)
    first(way, CLIENTS_KEY)

    again = first(way, CLIENTS_KEY, event="e2")

    assert isinstance(again, Replayed)
    assert again.answer is not None
    assert (again.answer.body, again.answer.delivery) == (b"{}", "delivered")
    assert vendor.sent == ["e"]
    assert first(way, CLIENTS_KEY, fingerprint="other") == KeyReused()


def test_a_queued_call_is_replayed_as_queued(cloud: Aws) -> None:
    way = delivery(Vendor(Transient("reset")))
    first(way, CLIENTS_KEY)

    again = first(way, CLIENTS_KEY)

    assert isinstance(again, Replayed)
    assert again.answer is not None
    assert (again.answer.status, again.answer.delivery) == (202, "queued")
    assert len(cloud.queues["queue"]) == 1


def test_a_key_in_flight(cloud: Aws) -> None:
    class Nested(Vendor):
        """The client tries again while its first try is with the upstream."""

        outcome: Any = None

        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            if self.outcome is None:
                self.outcome = "asking"
                self.outcome = first(way, self.terms, event="e2", key=task.key)
            return super().send(task, seconds=seconds)

        terms = CLIENTS_KEY

    vendor = Nested(OK)
    way = delivery(vendor)
    assert first(way, CLIENTS_KEY) == Delivered(OK)
    assert isinstance(vendor.outcome, KeyInFlight)
    assert 1.5 < vendor.outcome.seconds < SETTINGS.send_seconds + 0.1, "the send's budget, not the lease"

    natural = Nested(OK)
    natural.terms = DeliveryPolicy(KeyPolicy.NATURAL)
    way = delivery(natural)
    assert first(way, natural.terms, key="n") == Delivered(OK)
    assert natural.outcome == Queued()
    assert natural.sent == ["e"]


def test_table_down(cloud: Aws) -> None:
    cloud.down = {"dynamodb"}
    vendor = Vendor(OK)

    assert first(delivery(vendor), CLIENTS_KEY) == Queued()
    failed = first(delivery(vendor), DeliveryPolicy(KeyPolicy.CLIENT, QueuePolicy.NEVER))
    assert isinstance(failed, Failed)
    assert failed.error.reason == "no idempotency records"
    assert vendor.sent == []


def test_done_that_cannot_be_written_is_answered_anyway(cloud: Aws) -> None:
    class Breaking(Vendor):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            cloud.down = {"dynamodb"}
            return super().send(task, seconds=seconds)

    assert first(delivery(Breaking(OK)), CLIENTS_KEY) == Delivered(OK)


def test_a_409_after_our_own_unanswered_try_is_a_yes(cloud: Aws) -> None:
    conflict = Refused(Reply(status=409))
    terms = DeliveryPolicy(KeyPolicy.UNTIL_KNOWN, QueuePolicy.NEVER)
    vendor = Vendor(Transient("timeout", may_have_arrived=True), conflict)
    way = delivery(vendor)

    assert isinstance(first(way, terms), Failed)
    assert first(way, terms) == Delivered(Reply(status=200))
    assert cloud.items == {}
    assert first(way, terms) == Failed(conflict)


def test_an_open_breaker_goes_straight_to_the_queue(cloud: Aws) -> None:
    vendor = Vendor(Transient("reset", may_have_arrived=True))
    way = delivery(vendor)
    for _ in range(7):
        assert first(way, DeliveryPolicy()) == Queued()

    assert len(vendor.sent) == 5
    assert len(cloud.queues["queue"]) == 7
    failed = first(way, DeliveryPolicy(queue=QueuePolicy.NEVER))
    assert isinstance(failed, Failed)
    assert failed.error.reason == "breaker open"


def test_a_delivery_of_which_copies_may_wait_is_remembered_as_long_as_they_live(cloud: Aws) -> None:
    way = delivery(Vendor(OK))
    first(way, CLIENTS_KEY, event="a", key="once")
    first(way, DeliveryPolicy(KeyPolicy.NATURAL), event="b", key="natural")
    kept = {key: float(item["expires"]["N"]) - time.time() for key, item in cloud.items.items()}

    assert kept["once"] < idempotency.KEEP_SECONDS + 1
    assert kept["natural"] > idempotency.KEEP_QUEUED_SECONDS - 60


def test_what_the_queue_may_have_is_remembered_as_long_as_it_keeps_it(cloud: Aws) -> None:
    cloud.down = {"queue"}
    way = delivery(Vendor(Transient("unreachable"), OK))

    assert isinstance(first(way, CLIENTS_KEY), Failed)
    assert isinstance(first(way, CLIENTS_KEY), Delivered)

    assert float(cloud.items["k"]["expires"]["N"]) - time.time() > idempotency.KEEP_QUEUED_SECONDS - 60


def test_a_call_that_meets_a_former_name_in_flight_is_queued_under_it(cloud: Aws) -> None:
    former = RequestIdentity("former key", "former fingerprint")
    way = delivery(Vendor(OK))
    another = IdempotencyStore("records").claim(
        idempotency.Claim(key=former.key, fingerprint=former.fingerprint, seconds=30), time.time()
    )
    assert isinstance(another, idempotency.Claimed)

    assert first(way, DeliveryPolicy(KeyPolicy.NATURAL, former=former)) == Queued()

    (text,) = cloud.queues["queue"]
    assert (DeliveryTask.loads(text).key, DeliveryTask.loads(text).fingerprint) == (
        former.key,
        former.fingerprint,
    )
