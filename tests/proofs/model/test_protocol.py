"""The protocol, exhaustively: two tries of a client, two passes of the worker, a crash before any step.

Two passes in every order are also two copies that one worker has in one batch, side by side: they share
nothing but the record.

Every claim, send, queue and record step may succeed, fail, or succeed with its answer lost. No acknowledged
event may be lost, and none delivered twice except where `docs/reliability.md` says that nobody could know.
"""

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import UpstreamError
from gateway.delivery import idempotency
from gateway.delivery.idempotency import Claimed, InFlight, RecordState, Settled
from gateway.delivery.outcomes import Delivered, Dropped, Failed, InFlightElsewhere, Queued, Replayed
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from gateway.delivery.protocol import redelivery
from gateway.delivery.steps import Enqueue, Send, TryClaim, WriteDone, WriteQueued
from tests.proofs.model import world
from tests.proofs.model.search import explore
from tests.proofs.model.world import Broken, Rules

CLIENTS_KEY = DeliveryPolicy(KeyPolicy.CLIENT)
NATURAL_KEY = DeliveryPolicy(KeyPolicy.NATURAL)

POLICIES = [DeliveryPolicy(key, queue) for key in KeyPolicy for queue in QueuePolicy]
"""Every policy that can be expressed."""


def _name(policy: DeliveryPolicy) -> str:
    return f"{policy.key.name.lower()}-{policy.queue.name.lower()}"


def _rules(policy: DeliveryPolicy) -> Rules:
    """What such a task may come to; a key that is not remembered is one that its upstream knows by itself."""
    fails = policy.queue is QueuePolicy.ON_CERTAIN_FAILURE
    settled = policy.key is KeyPolicy.UNTIL_KNOWN
    return Rules(policy, unknown_tries=0 if fails else math.inf, settled=settled)


@pytest.mark.parametrize("policy", POLICIES, ids=_name)
def test_nothing_acknowledged_is_lost_and_nothing_recorded_is_doubled(policy: DeliveryPolicy) -> None:
    rules = _rules(policy)

    found = explore(rules, clients=2)

    assert found.states > 50
    assert found.ends > 20
    if rules.settled:
        assert found.most_effects == 1
    elif policy.key.claims:  # without a claim, what was never queued is not remembered
        assert frozenset() not in found.doubled
    # The contract's key where the app waits for the upstream's own answer: `docs/reliability.md` says so.
    beside = any(world.BESIDE in windows for windows in found.doubled)
    assert beside == (policy == DeliveryPolicy(KeyPolicy.NATURAL, QueuePolicy.NEVER))


SENDING = [policy for policy in POLICIES if policy.may_queue and policy.queue is not QueuePolicy.FIRST]
"""Those that a hold changes to queue first; a call that may not be queued takes no step while it lasts."""


@pytest.mark.parametrize("policy", SENDING, ids=_name)
def test_a_hold_between_two_attempts_loses_and_doubles_nothing(policy: DeliveryPolicy) -> None:
    rules = replace(_rules(policy), held=True)

    found = explore(rules, clients=2)

    assert found.states > 50
    if rules.settled:
        assert found.most_effects == 1
    elif policy.key.claims:
        assert frozenset() not in found.doubled


def test_a_task_without_a_key_is_not_doubled_by_its_own_copies() -> None:
    assert frozenset() not in explore(Rules(DeliveryPolicy()), clients=1).doubled


def test_one_try_with_an_unknown_outcome_may_be_all_there_is() -> None:
    assert frozenset() not in explore(Rules(CLIENTS_KEY, unknown_tries=1), clients=2).doubled


@pytest.mark.parametrize("passes", [2, 3])
def test_tries_with_an_unknown_outcome_are_bounded(passes: int) -> None:
    found = explore(Rules(DeliveryPolicy(), unknown_tries=2), clients=1, workers=passes)

    assert found.states > 500
    assert frozenset() not in found.doubled


@pytest.mark.parametrize(
    "policy", [CLIENTS_KEY, DeliveryPolicy(KeyPolicy.NATURAL)], ids=["client's key", "natural key"]
)
@pytest.mark.parametrize("late", [True, False], ids=["the day is over", "the queue would drop it"])
def test_what_was_delivered_is_no_dead_letter_when_a_copy_runs_out_of_time(
    policy: DeliveryPolicy, late: bool
) -> None:
    rules = Rules(policy, unknown_tries=1)

    found = explore(rules, clients=2, workers=0, late_passes=int(late), last_passes=int(not late))

    assert found.states > 500
    assert frozenset() not in found.doubled


# A search that finds nothing proves nothing: each of these orders looks right, and is not.


def record_before_queue(policy: DeliveryPolicy) -> Generator[Any, Any, Any]:
    verdict = yield TryClaim()
    if isinstance(verdict, Settled):
        return Replayed(verdict.answer)
    if not isinstance(verdict, Claimed):
        return Failed(UpstreamError("busy"))
    outcome = yield Send(False)
    if not isinstance(outcome, UpstreamError):
        yield WriteDone(verdict.record, outcome, copies=False)
        return Delivered(outcome)
    yield WriteQueued(verdict.record, True)
    return Queued() if (yield Enqueue()) else Failed(outcome)


def queue_without_looking(policy: DeliveryPolicy) -> Generator[Any, Any, Any]:
    outcome = yield Send(False)
    if not isinstance(outcome, UpstreamError):
        return Delivered(outcome)
    yield Enqueue()
    return Queued()


@pytest.mark.parametrize("wrong", [record_before_queue, queue_without_looking])
def test_the_search_finds_a_wrong_order_at_the_api(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "first_attempt", wrong)

    with pytest.raises(Broken, match="acknowledged and lost"):
        explore(Rules(CLIENTS_KEY), clients=2, workers=1)


def test_the_search_finds_a_worker_that_drops_what_is_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    def hasty(*, unknown_tries: float, last: bool) -> Generator[Any, Any, Any]:
        fate = yield from redelivery(unknown_tries=unknown_tries, last=last)
        return Dropped() if isinstance(fate, InFlightElsewhere) else fate

    monkeypatch.setattr(world, "redelivery", hasty)

    with pytest.raises(Broken, match="acknowledged and lost"):
        explore(Rules(CLIENTS_KEY), clients=2, workers=1)


def test_the_search_finds_a_claim_that_ignores_a_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    real = idempotency.claim

    def greedy(record: Any, wish: Any, now: float) -> Any:
        verdict = real(record, wish, now)
        return real(None, wish, now) if isinstance(verdict, InFlight) else verdict

    monkeypatch.setattr(idempotency, "claim", greedy)

    with pytest.raises(Broken, match="doubled without a reason"):
        explore(Rules(CLIENTS_KEY), clients=2, workers=1)


def test_the_search_finds_a_task_that_nobody_claims_after_its_worker_died(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = idempotency.claim

    def shy(record: Any, wish: Any, now: float) -> Any:
        return real(record, replace(wish, alone=False), now)

    monkeypatch.setattr(idempotency, "claim", shy)

    with pytest.raises(Broken, match="never leaves the queue"):
        explore(Rules(DeliveryPolicy()), clients=1, workers=1)


def test_the_search_finds_that_a_queued_key_counts_as_done(monkeypatch: pytest.MonkeyPatch) -> None:
    real = idempotency.claim

    def trusting(record: Any, wish: Any, now: float) -> Any:
        return real(record, replace(wish, worker=False), now)

    monkeypatch.setattr(idempotency, "claim", trusting)

    with pytest.raises(Broken, match="acknowledged and lost"):
        explore(Rules(CLIENTS_KEY), clients=1, workers=1)


def test_the_search_finds_a_try_that_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = idempotency.claim

    def forgetful(record: Any, wish: Any, now: float) -> Any:
        return real(record and replace(record, unknown_tries=0), wish, now)

    monkeypatch.setattr(idempotency, "claim", forgetful)

    with pytest.raises(Broken, match="sent once more after 1 tries"):
        explore(Rules(DeliveryPolicy(), unknown_tries=1), clients=1)


def test_the_search_finds_a_bound_that_a_killed_worker_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    real = idempotency.claim

    def afterwards(record: Any, wish: Any, now: float) -> Any:
        """A try that is counted when its end is written, and so not at all if its worker was killed."""
        if record is not None and record.state is RecordState.SENDING and wish.worker:
            record = replace(record, unknown_tries=max(0, record.unknown_tries - 1))
        return real(record, wish, now)

    monkeypatch.setattr(idempotency, "claim", afterwards)

    with pytest.raises(Broken, match="sent once more after 1 tries"):
        explore(Rules(DeliveryPolicy(), unknown_tries=1), clients=1)
