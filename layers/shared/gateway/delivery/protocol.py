"""The order of steps that loses nothing: claim → send → record; and, where the send fails, queue → record.

Each protocol is a generator: it yields a step, is sent the step's result, and returns what became of the
task. `executor` carries the steps out; `tests/proofs/model` does so in every order, with a crash before any
of them. The record is never written before the queue: the queue alone is what delivers the task later.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace

from gateway.core.errors import NotYet, Refused, Transient, UpstreamError
from gateway.core.reply import Reply
from gateway.delivery.idempotency import Abandoned, Claimed, InFlight, Record, Reused, Settled, Unavailable
from gateway.delivery.outcomes import (
    Dead,
    Delivered,
    Done,
    Dropped,
    Ending,
    Failed,
    Fate,
    InFlightElsewhere,
    KeyInFlight,
    KeyReused,
    Later,
    NotDeadLettered,
    Outcome,
    Queued,
    Replayed,
    Unrecorded,
    Waiting,
)
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from gateway.delivery.steps import (
    Enqueue,
    Release,
    Result,
    Send,
    Step,
    TryClaim,
    WriteDeadLetter,
    WriteDone,
    WriteQueued,
)


class QueueFirst(Transient):
    """Not a failure: the setting says that the queue comes first."""

    def __init__(self) -> None:
        """Nothing was sent."""
        super().__init__("queue first", tried=False)


class StoreUnavailable(Transient):
    """The key could not be claimed, and the task could not be queued unsent: not the upstream's failure."""

    status = 503

    def __init__(self) -> None:
        """Nothing was sent."""
        super().__init__("no idempotency records", tried=False)


def first_attempt(policy: DeliveryPolicy) -> Generator[Step, Result, Outcome]:
    """An API call: what becomes of its task before its answer."""
    record: Record | None = None
    may_have_arrived = False
    if policy.key.claims:
        match verdict := (yield TryClaim()):
            case Claimed():
                record = verdict.record
                may_have_arrived = record.may_have_arrived
            case Settled():
                return Replayed(verdict.answer)
            case Reused():
                return KeyReused()
            case InFlight() if policy.key is KeyPolicy.CLIENT:
                return KeyInFlight(verdict.answered)
            case InFlight() | Unavailable() if policy.may_queue:
                # The worker claims the key when its time comes, and finds out what became of the other.
                return Queued() if (yield Enqueue()) else Failed(StoreUnavailable())
            case Unavailable():
                return Failed(StoreUnavailable())
            case InFlight():
                # Sent beside the other, which has no answer yet: its client may have given up on it.
                may_have_arrived = True
    outcome = QueueFirst() if policy.queue is QueuePolicy.FIRST else (yield Send(may_have_arrived))
    if isinstance(outcome, Reply):
        if record is not None:
            if policy.key.remembers:
                # A try that was killed may have been queued; so was one of a natural key that met this one.
                copies = may_have_arrived or policy.key is not KeyPolicy.CLIENT
                yield WriteDone(record, outcome, copies=copies)
            else:
                yield Release(replace(record, may_have_arrived=False), may_have_arrived=False)
        return Delivered(outcome)
    assert isinstance(outcome, UpstreamError)  # noqa: S101 - what Send is answered with
    to_queue = policy.may_queue and not isinstance(outcome, Refused)
    if policy.queue is QueuePolicy.ON_CERTAIN_FAILURE and outcome.outcome_unknown:
        to_queue = False
    if to_queue and (yield Enqueue()):
        if record is not None:
            yield WriteQueued(record, outcome.may_have_arrived)
        return Queued()
    if record is not None:
        # The queue may have it although its answer was lost.
        yield Release(record, outcome.may_have_arrived or to_queue)
    return Failed(outcome)


def redelivery(*, unknown_tries: float, last: bool = False) -> Generator[Step, Result, Fate]:
    """A queued task in the worker: what becomes of its message.

    `unknown_tries` bounds the tries whose outcome is unknown (infinite: a repeat is harmless, they are not
    counted; 0: the first such try ends it). `last`: its delivery window is over, so a try that fails ends it.
    """
    record = yield from _claimed()
    if not isinstance(record, Record):
        return record
    if record.unknown_tries > max(1, unknown_tries):
        # The try that used up the bound was killed, or its dead letter could not be written.
        return (yield from _ended(_uncounted(record), Ending.OUTCOME_UNKNOWN))
    outcome = yield Send(record.may_have_arrived)
    if isinstance(outcome, Reply):
        yield WriteDone(record, None, copies=True)
        return Done()
    assert isinstance(outcome, UpstreamError)  # noqa: S101 - what Send is answered with
    counts = unknown_tries < math.inf and outcome.outcome_unknown
    left = record if counts else _uncounted(record)
    if isinstance(outcome, Refused):
        return (yield from _ended(left, Ending.REFUSED, outcome))
    if counts and record.unknown_tries >= unknown_tries:
        return (yield from _ended(left, Ending.OUTCOME_UNKNOWN, outcome))
    if last and outcome.tried:
        return (yield from _ended(left, Ending.WINDOW_OVER, outcome))
    yield WriteQueued(left, outcome.may_have_arrived)
    return _later(outcome, spaced=counts)


def redelivery_by_event_id(*, last: bool = False) -> Generator[Step, Result, Fate]:
    """A queued task that is keyed by its event, and whose upstream takes an event id once: as `redelivery`,
    but without a record, because a copy that is sent again changes nothing."""
    outcome = yield Send(may_have_arrived=True)
    if isinstance(outcome, Reply):
        return Done()
    assert isinstance(outcome, UpstreamError)  # noqa: S101 - what Send is answered with
    if isinstance(outcome, Refused):
        return (yield from dead_lettered(Ending.REFUSED, outcome.reply))
    if last and outcome.tried:
        return (yield from dead_lettered(Ending.WINDOW_OVER, outcome.reply))
    return _later(outcome)


def giving_up(reason: Ending) -> Generator[Step, Result, Fate]:
    """A queued task that its queue will not keep much longer: a dead letter, unless a copy was delivered."""
    record = yield from _claimed()
    if isinstance(record, Unrecorded):
        return (yield from dead_lettered(reason))
    if not isinstance(record, Record):
        return record
    return (yield from _ended(_uncounted(record), reason))


def dead_lettered(reason: Ending, reply: Reply | None = None) -> Generator[Step, Result, Fate]:
    """A dead letter, whatever the idempotency record says."""
    return Dead(reason) if (yield WriteDeadLetter(reason, reply)) else NotDeadLettered()


def _later(outcome: UpstreamError, *, spaced: bool = False) -> Later:
    """The message stays, whatever kept the upstream from accepting it."""
    if isinstance(outcome, NotYet) and not outcome.tried and outcome.reply is None:
        return Waiting(outcome.reason, outcome.retry_after, outcome)
    return Later(outcome.reason, outcome.retry_after, outcome, spaced=spaced)


def _ended(
    record: Record, reason: Ending, outcome: UpstreamError | None = None
) -> Generator[Step, Result, Fate]:
    """A dead letter, and its record."""
    fate = yield from dead_lettered(reason, outcome.reply if outcome else None)
    # Back to `queued`, not released: it was promised, and a dead letter may be redriven.
    yield WriteQueued(record, outcome is not None and outcome.may_have_arrived)
    return fate


def _uncounted(record: Record) -> Record:
    """The record without the try that its claim counted: that one certainly did not arrive."""
    return replace(record, unknown_tries=record.unknown_tries - 1)


def _claimed() -> Generator[Step, Result, Record | Fate]:
    """A worker's claim: its record, or what becomes of a message whose task is not this worker's to send."""
    verdict = yield TryClaim()
    if isinstance(verdict, Abandoned):
        verdict = yield TryClaim(alone=True)
    match verdict:
        case Claimed():
            return verdict.record
        case Settled():
            return Dropped()
        case InFlight():
            return InFlightElsewhere(seconds=verdict.seconds)
        case Reused():
            return (yield from dead_lettered(Ending.KEY_REUSED))
        case _:
            return Unrecorded()
