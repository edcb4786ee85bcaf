"""The order of steps that loses nothing: claim → send → record; and, where the send fails, queue → record.

Each protocol is a generator: it yields a step, is sent the step's result, and returns what became of the
delivery task. The first attempt and the redelivery carry the steps out; `tests/proofs/model` carries them
out in every order, with a crash before any of them. Never the record before the queue: a promise that only
the record knows is lost.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

from gateway.core.answer import Answer
from gateway.core.errors import Refused, Transient, UpstreamError
from gateway.core.identity import RequestIdentity
from gateway.core.task import Reply
from gateway.delivery.idempotency import (
    Claimed,
    InFlight,
    Record,
    Reused,
    Settled,
    Unavailable,
    Verdict,
)

# Steps, and what each is answered with.


@dataclass(frozen=True)
class TryClaim:
    """Claim the task's key → Verdict."""


@dataclass(frozen=True)
class Send:
    """Tell the upstream → Reply, or the UpstreamError. `unanswered`: an earlier send may have arrived."""

    unanswered: bool


@dataclass(frozen=True)
class Enqueue:
    """Put the task into the queue → whether the queue has it."""


@dataclass(frozen=True)
class WriteDone:
    """Record that the upstream has it → None; a failure changes nothing, for it has been delivered.

    `copies`: the queue or the dead letters may hold the task as well, for as long as they keep one.
    """

    record: Record
    reply: Reply | None
    copies: bool


@dataclass(frozen=True)
class WriteQueued:
    """Record that the queue has it → None; a failure changes nothing, for it has been queued."""

    record: Record
    unanswered: bool


@dataclass(frozen=True)
class Release:
    """Record that nobody has it → None; after a failure the lease runs out instead."""

    record: Record
    unanswered: bool


@dataclass(frozen=True)
class WriteDeadLetter:
    """Put the task among the dead letters → whether they have it."""

    reason: str
    reply: Reply | None = None


type Step = TryClaim | Send | Enqueue | WriteDone | WriteQueued | Release | WriteDeadLetter
type Result = Verdict | Reply | UpstreamError | bool | None

OUTCOME_UNKNOWN = "outcome unknown"
WINDOW_OVER = "window over"

# What becomes of a task at the API.


@dataclass(frozen=True)
class Delivered:
    """The upstream has it, and said this."""

    reply: Reply


@dataclass(frozen=True)
class Queued:
    """The queue has it."""


@dataclass(frozen=True)
class Replayed:
    """It had been settled before; `answer` is what the app was told then, where that is known."""

    answer: Answer | None


@dataclass(frozen=True)
class Failed:
    """Nobody promises anything: the upstream's refusal, or what kept us from sending and from queueing."""

    error: UpstreamError


@dataclass(frozen=True)
class Busy:
    """The same key is being worked on; in `seconds` its send is over."""

    seconds: float


@dataclass(frozen=True)
class KeyTaken:
    """The key was used for another request."""


type Outcome = Delivered | Queued | Replayed | Failed | Busy | KeyTaken

# What becomes of a message in the worker.


@dataclass(frozen=True)
class Done:
    """Delivered now; the message goes."""


@dataclass(frozen=True)
class Dropped:
    """Delivered before; the message goes."""


@dataclass(frozen=True)
class Dead:
    """Among the dead letters; the message goes."""

    reason: str


@dataclass(frozen=True)
class Later:
    """The message stays, for at least `seconds` where that is known.

    `error` is what kept the upstream from taking it, where that is known. `spaced`: its tries are counted, so
    the next one waits until the upstream may have recovered.
    """

    reason: str
    seconds: float | None = None
    error: UpstreamError | None = None
    spaced: bool = False

    @property
    def finds_out(self) -> bool:
        """Whether its next try, soon, would find out that the upstream is back."""
        return self.error is not None and not self.spaced


@dataclass(frozen=True)
class Expired:
    """Of no use any more, as its contract says; the message goes."""


@dataclass(frozen=True)
class Unrecorded(Later):
    """The idempotency record cannot be read."""

    reason: str = "no idempotency records"


@dataclass(frozen=True)
class NoTime(Later):
    """The worker's own time is nearly over."""

    reason: str = "no time"


type Fate = Done | Dropped | Dead | Later | Expired


@dataclass(frozen=True, kw_only=True)
class DeliveryPolicy:
    """What the contract and the settings let happen to a task.

    `claims`: whether an API call claims its key before it sends. `own_key`: the key is the client's, which
    is told of a second try in flight; a natural key is not. `records`: whether a delivery is remembered, so
    that the same request is answered without being sent again. `may_queue`, `queue_first`: see the settings.
    `queue_unknown`: whether a send that may have arrived is queued too. `former`: see Claim.
    """

    claims: bool = False
    own_key: bool = False
    records: bool = True
    may_queue: bool = True
    queue_first: bool = False
    queue_unknown: bool = True
    former: RequestIdentity | None = None


class QueueFirst(Transient):
    """Not a failure: the setting says that the queue comes first."""

    def __init__(self) -> None:
        """Nothing was sent."""
        super().__init__("queue first", tried=False)


class NoTable(Transient):
    """The key could not be claimed, and the task could not be queued unsent: not the upstream's failure."""

    status = 503

    def __init__(self) -> None:
        """Nothing was sent."""
        super().__init__("no idempotency records", tried=False)


def first_try(terms: DeliveryPolicy) -> Generator[Step, Result, Outcome]:
    """An API call: what becomes of it before its answer."""
    record: Record | None = None
    unanswered = False
    if terms.claims:
        match verdict := (yield TryClaim()):
            case Claimed():
                record = verdict.record
                unanswered = record.unanswered
            case Settled():
                return Replayed(verdict.answer)
            case Reused():
                return KeyTaken()
            case InFlight() if terms.own_key:
                return Busy(verdict.answered)
            case InFlight() | Unavailable() if terms.may_queue:
                # The worker claims the key when its time comes, and finds out what became of the other.
                return Queued() if (yield Enqueue()) else Failed(NoTable())
            case Unavailable():
                return Failed(NoTable())
            case InFlight():
                # Sent beside the other, which has no answer yet: its client may have given up on it.
                unanswered = True
    outcome = QueueFirst() if terms.queue_first else (yield Send(unanswered))
    if isinstance(outcome, Reply):
        if record is not None:
            if terms.records:
                # A try that was killed may have been queued; so was one of a natural key that met this one.
                yield WriteDone(record, outcome, copies=unanswered or not terms.own_key)
            else:
                yield Release(replace(record, unanswered=False), unanswered=False)
        return Delivered(outcome)
    assert isinstance(outcome, UpstreamError)  # noqa: S101 - what Send is answered with
    to_queue = (
        terms.may_queue and not isinstance(outcome, Refused) and (terms.queue_unknown or not outcome.unknown)
    )
    if to_queue and (yield Enqueue()):
        if record is not None:
            yield WriteQueued(record, outcome.unanswered)
        return Queued()
    if record is not None:
        # The queue may have it although its answer was lost.
        yield Release(record, outcome.unanswered or to_queue)
    return Failed(outcome)


def redelivery(*, unknown_tries: float, last: bool = False) -> Generator[Step, Result, Fate]:
    """A queued task in the worker: what becomes of its message.

    `unknown_tries` bounds the tries whose outcome nobody knows (infinite: a repeat is harmless, they are not
    counted; 0: the first such try ends it). `last`: its day is over, so a try that fails ends it.
    """
    record = yield from _claimed()
    if not isinstance(record, Record):
        return record
    if record.unknown_tries > max(1, unknown_tries):
        # The try that used up the bound was killed, or its dead letter could not be written.
        return (yield from _ended(_uncounted(record), OUTCOME_UNKNOWN))
    outcome = yield Send(record.unanswered)
    if isinstance(outcome, Reply):
        yield WriteDone(record, None, copies=True)
        return Done()
    assert isinstance(outcome, UpstreamError)  # noqa: S101 - what Send is answered with
    counts = unknown_tries < math.inf and outcome.unknown
    left = record if counts else _uncounted(record)
    if isinstance(outcome, Refused):
        return (yield from _ended(left, "refused", outcome))
    if counts and record.unknown_tries >= unknown_tries:
        return (yield from _ended(left, OUTCOME_UNKNOWN, outcome))
    if last and outcome.tried:
        return (yield from _ended(left, WINDOW_OVER, outcome))
    yield WriteQueued(left, outcome.unanswered)
    return Later(outcome.reason, outcome.retry_after, outcome, spaced=counts)


def giving_up(reason: str) -> Generator[Step, Result, Fate]:
    """A queued task that its queue will not keep much longer: a dead letter, unless another copy of it was
    delivered."""
    record = yield from _claimed()
    if isinstance(record, Unrecorded):
        return Dead(reason) if (yield WriteDeadLetter(reason)) else Later("no dead letters")
    if not isinstance(record, Record):
        return record
    return (yield from _ended(_uncounted(record), reason))


def _ended(
    record: Record, reason: str, outcome: UpstreamError | None = None
) -> Generator[Step, Result, Fate]:
    """A dead letter, for `reason`."""
    buried = yield WriteDeadLetter(reason, outcome.reply if outcome else None)
    # Back to `queued`, not released: it was promised, and a dead letter may be redriven.
    yield WriteQueued(record, outcome is not None and outcome.unanswered)
    return Dead(reason) if buried else Later("no dead letters")


def _uncounted(record: Record) -> Record:
    """The record without the try that its claim counted: that one certainly did not arrive."""
    return replace(record, unknown_tries=record.unknown_tries - 1)


def _claimed() -> Generator[Step, Result, Record | Fate]:
    """A worker's claim: its record, or what becomes of a message whose task is not this worker's to send."""
    match verdict := (yield TryClaim()):
        case Claimed():
            return verdict.record
        case Settled():
            return Dropped()
        case InFlight():
            return Later("in flight", verdict.seconds)
        case Reused():
            return Dead("key reused") if (yield WriteDeadLetter("key reused")) else Later("no dead letters")
        case _:
            return Unrecorded()
