"""The idempotency records: what became of each key, one DynamoDB item per key.

The transitions here are pure functions of the current record. `idempotency_store` writes their results, on
the condition that the item has not changed since it was read. `tests/proofs/model` runs the same functions
exhaustively.

absent ──claim──▶ sending ──done──▶ done
                   │  ▲ └─queued─▶ queued ──claim (worker)──▶ sending
                   │  └──claim, once the lease is over (a worker's: alone)
                   └─released──▶ absent, or kept for its `may_have_arrived`
"""

from __future__ import annotations

import secrets
from dataclasses import field, replace
from enum import StrEnum

from gateway.core.answer import Answer
from gateway.core.data import dataclass
from gateway.core.identity import RequestIdentity

KEEP_SECONDS = 24 * 3600
"""How long an idempotency key is remembered."""

KEEP_QUEUED_SECONDS = 28 * 24 * 3600
"""How long a message can exist: 14 days in the queue, and 14 more among the dead letters."""


class RecordState(StrEnum):
    """How far a key's task has come; the stored text."""

    SENDING = "sending"
    QUEUED = "queued"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a key. `lease`, `send_ends` and `expires` are Unix seconds.

    `owner` is the attempt that may write next; `send_ends` is when its send is over at the latest (0:
    unknown, as in records of 0.1.0); `may_have_arrived`: an earlier send may have; `unknown_tries` counts the
    worker's sends of unknown outcome, including the claimed one until its outcome is written; `answer` is the
    first answer to the app.
    """

    key: str
    state: RecordState
    owner: str
    fingerprint: str
    lease: float = 0
    send_ends: float = 0
    may_have_arrived: bool = False
    unknown_tries: int = 0
    answer: Answer | None = None
    expires: float

    @property
    def identity(self) -> RequestIdentity:
        """The key that it is found by, and its fingerprint."""
        return RequestIdentity(self.key, self.fingerprint)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An attempt's request for the right to send.

    `seconds` is the longest that the attempt may take, `budget` the part of it that is for the send. `alone`:
    the worker has nothing else in progress. `event_id` is for the log. `former` is the identity by which
    0.1.0 may have recorded the same request.
    """

    key: str
    fingerprint: str
    seconds: float
    budget: float = 0
    worker: bool = False
    alone: bool = False
    event_id: str = ""
    former: RequestIdentity | None = None
    owner: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True)
class Claimed:
    """The attempt owns the key: it may send, and must write the outcome."""

    record: Record

    @property
    def identity(self) -> RequestIdentity:
        """The record's identity, which may be a former one."""
        return self.record.identity


@dataclass(frozen=True)
class InFlight:
    """Another attempt is sending: its lease ends in `seconds`, its send in `answered` seconds at the latest.

    `identity` is that of its record, which may be a former one.
    """

    seconds: float
    answered: float
    identity: RequestIdentity | None = None


@dataclass(frozen=True)
class Settled:
    """The same request was delivered or queued; `answer` is the first answer to the app, if it is known."""

    answer: Answer | None


@dataclass(frozen=True)
class Reused:
    """The key belongs to another request."""


@dataclass(frozen=True)
class Abandoned:
    """Its attempt never wrote an outcome. It may have killed its process, so a worker claims it alone."""


@dataclass(frozen=True)
class Unavailable:
    """The store gave no answer."""


type Verdict = Claimed | InFlight | Settled | Reused | Abandoned | Unavailable


def claim(record: Record | None, wish: Claim, now: float) -> Verdict:
    """Whether this attempt may send. Only the worker may claim a queued key: to the app, it is settled.

    It stays settled while the worker sends it: the app has its answer, and the queue still has the task.
    """
    if record is None or record.expires <= now:
        return Claimed(_sending(wish, now))
    if record.fingerprint != wish.fingerprint:
        return Reused()
    answered = record.state is RecordState.QUEUED or record.answer is not None
    if record.state is RecordState.DONE or (answered and not wish.worker):
        return Settled(record.answer)
    if record.state is RecordState.SENDING and record.lease > now:
        send_ends = record.send_ends or record.lease
        return InFlight(record.lease - now, max(0.0, send_ends - now), record.identity)
    abandoned = record.state is RecordState.SENDING and record.lease > 0
    if abandoned and wish.worker and not wish.alone:
        return Abandoned()
    # An attempt that never wrote its outcome may have reached the upstream.
    may_have_arrived = record.may_have_arrived or abandoned
    return Claimed(
        _sending(
            wish,
            now,
            may_have_arrived=may_have_arrived,
            unknown_tries=record.unknown_tries,
            answer=record.answer,
        )
    )


def recognised(wish: Claim, found: Record | None, now: float) -> Claim:
    """The claim, by the former identity if `found` has that: a record keeps its identity until it expires."""
    former = wish.former
    if former is None or found is None or found.key != former.key or found.expires <= now:
        return wish
    if (found.key, found.fingerprint) == (wish.key, wish.fingerprint):
        return wish
    return replace(wish, key=former.key, fingerprint=former.fingerprint, former=None)


def done(record: Record, answer: Answer | None, now: float, *, copies: bool) -> Record:
    """The record of a delivered task; `copies`: the queue may still hold some. The first answer is kept."""
    keep = KEEP_QUEUED_SECONDS if copies else KEEP_SECONDS
    return replace(
        record, state=RecordState.DONE, answer=record.answer or answer, lease=0, expires=now + keep
    )


def queued(record: Record, answer: Answer | None, now: float, *, may_have_arrived: bool = False) -> Record:
    """The record of a queued task."""
    return replace(
        record,
        state=RecordState.QUEUED,
        answer=record.answer or answer,
        lease=0,
        may_have_arrived=record.may_have_arrived or may_have_arrived,
        expires=now + KEEP_QUEUED_SECONDS,
    )


def released(record: Record, *, may_have_arrived: bool) -> Record | None:
    """The record of a task that was neither delivered nor queued; None if there is nothing to remember."""
    if not (may_have_arrived or record.may_have_arrived):
        return None
    return replace(record, state=RecordState.SENDING, lease=0, may_have_arrived=True)


def _sending(
    wish: Claim,
    now: float,
    *,
    may_have_arrived: bool = False,
    unknown_tries: int = 0,
    answer: Answer | None = None,
) -> Record:
    return Record(
        key=wish.key,
        state=RecordState.SENDING,
        owner=wish.owner,
        fingerprint=wish.fingerprint,
        lease=now + wish.seconds,
        send_ends=now + wish.budget if wish.budget else 0,
        may_have_arrived=may_have_arrived,
        # Counted before the send, and taken back once its outcome is known: if the worker dies, it counts.
        unknown_tries=unknown_tries + wish.worker,
        answer=answer,
        expires=now + (KEEP_QUEUED_SECONDS if wish.worker else KEEP_SECONDS),
    )
