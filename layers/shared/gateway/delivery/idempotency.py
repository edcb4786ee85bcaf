"""Once: what became of a key, one DynamoDB item each.

The transitions here are pure functions of the item as it stands; `records` writes their results, every write
on the condition that the item is still the one that was read. `tests/proofs/model` runs the same functions
exhaustively.

absent ──claim──▶ sending ──done──▶ done
                   │  ▲ └─queued─▶ queued ──claim (worker)──▶ sending
                   │  └──claim, once the lease is over
                   └─released──▶ absent, or kept for its `may_have_arrived`
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Literal

from gateway.core.answer import Answer
from gateway.core.identity import RequestIdentity

KEEP_SECONDS = 24 * 3600
"""How long an idempotency key is remembered."""

KEEP_QUEUED_SECONDS = 28 * 24 * 3600
"""How long a message can live: fourteen days in the queue, and fourteen among the dead letters."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a key. `lease`, `send_ends` and `expires` are Unix seconds.

    `owner` is the attempt that may write next; `send_ends` is when its send is over at the latest (0: not
    known, as in records of 0.1.0); `may_have_arrived` says that an earlier send may have;
    `unknown_tries` counts the worker's sends whose outcome nobody knows, the claimed one
    included until its end is written; `answer` is what the app was first told.
    """

    key: str
    state: Literal["sending", "queued", "done"]
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
        """By which it is found, and recognised."""
        return RequestIdentity(self.key, self.fingerprint)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An attempt's wish to send: `seconds` is how long it may take at most, `budget` how much of that is for
    the send. `former` is the name under which 0.1.0 may have recorded the same call."""

    key: str
    fingerprint: str
    seconds: float
    budget: float = 0
    worker: bool = False
    former: RequestIdentity | None = None
    owner: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True)
class Claimed:
    """The key is the attempt's: it may send, and must write what became of it."""

    record: Record

    @property
    def identity(self) -> RequestIdentity:
        """The record's, which may be a former one."""
        return self.record.identity


@dataclass(frozen=True)
class InFlight:
    """Another attempt is sending; its lease is over in `seconds`, and in `answered` its send is.

    `identity` is that of its record, which may be a former one.
    """

    seconds: float
    answered: float
    identity: RequestIdentity | None = None


@dataclass(frozen=True)
class Settled:
    """The same request is done, or safely queued; `answer` is what the app was first told, if it is known."""

    answer: Answer | None


@dataclass(frozen=True)
class Reused:
    """The key belongs to another request."""


@dataclass(frozen=True)
class Unavailable:
    """The table gave no answer."""


type Verdict = Claimed | InFlight | Settled | Reused | Unavailable


def claim(record: Record | None, wish: Claim, now: float) -> Verdict:
    """May this attempt send? The worker may take a queued key; an API call may not: it is promised."""
    if record is None or record.expires <= now:
        return Claimed(_sending(wish, now))
    if record.fingerprint != wish.fingerprint:
        return Reused()
    if record.state == "done" or (record.state == "queued" and not wish.worker):
        return Settled(record.answer)
    if record.state == "sending" and record.lease > now:
        answered = (record.send_ends or record.lease) - now
        return InFlight(record.lease - now, max(0.0, answered), record.identity)
    # An attempt that never wrote how it ended may have reached the upstream.
    may_have_arrived = record.may_have_arrived or (record.state == "sending" and record.lease > 0)
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
    """The wish under the former name if `found` has that: a record keeps its name for as long as it lives."""
    former = wish.former
    if former is None or found is None or found.key != former.key or found.expires <= now:
        return wish
    if (found.key, found.fingerprint) == (wish.key, wish.fingerprint):
        return wish
    return replace(wish, key=former.key, fingerprint=former.fingerprint, former=None)


def done(record: Record, answer: Answer | None, now: float, *, copies: bool) -> Record:
    """The upstream has it; `copies` of the task may wait in the queue. What the app was first told stays its
    answer."""
    keep = KEEP_QUEUED_SECONDS if copies else KEEP_SECONDS
    return replace(record, state="done", answer=record.answer or answer, lease=0, expires=now + keep)


def queued(record: Record, answer: Answer | None, now: float, *, may_have_arrived: bool = False) -> Record:
    """The queue has it."""
    return replace(
        record,
        state="queued",
        answer=record.answer or answer,
        lease=0,
        may_have_arrived=record.may_have_arrived or may_have_arrived,
        expires=now + KEEP_QUEUED_SECONDS,
    )


def released(record: Record, *, may_have_arrived: bool) -> Record | None:
    """Nobody has it, and the next attempt may try; None where there is nothing to remember."""
    if not (may_have_arrived or record.may_have_arrived):
        return None
    return replace(record, state="sending", lease=0, may_have_arrived=True)


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
        state="sending",
        owner=wish.owner,
        fingerprint=wish.fingerprint,
        lease=now + wish.seconds,
        send_ends=now + wish.budget if wish.budget else 0,
        may_have_arrived=may_have_arrived,
        # Counted before the send, and taken back once its end is known: a worker that dies in between counts.
        unknown_tries=unknown_tries + wish.worker,
        answer=answer,
        expires=now + (KEEP_QUEUED_SECONDS if wish.worker else KEEP_SECONDS),
    )
