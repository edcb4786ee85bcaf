"""The steps of the delivery protocol, and what each is answered with."""

from __future__ import annotations

from gateway.core.data import dataclass
from gateway.core.errors import UpstreamError
from gateway.core.reply import Reply
from gateway.delivery.idempotency import Record, Verdict


@dataclass(frozen=True)
class TryClaim:
    """Claim the task's idempotency key → Verdict. `alone`: nothing else of the batch is in progress."""

    alone: bool = False


@dataclass(frozen=True)
class Send:
    """Send to the upstream → Reply, or the UpstreamError. `may_have_arrived`: an earlier send may have."""

    may_have_arrived: bool


@dataclass(frozen=True)
class Enqueue:
    """Put the task into the queue → whether the queue has it."""


@dataclass(frozen=True)
class WriteDone:
    """Record the delivery → None; a failure changes nothing, because the upstream has the task.

    `copies`: the queue or the dead-letter queue may hold the task as well, for as long as they keep one.
    """

    record: Record
    reply: Reply | None
    copies: bool


@dataclass(frozen=True)
class WriteQueued:
    """Record that the task is queued → None; a failure changes nothing, because the queue has it."""

    record: Record
    may_have_arrived: bool


@dataclass(frozen=True)
class Release:
    """Record that nobody has the task → None; after a failure the lease runs out instead."""

    record: Record
    may_have_arrived: bool


@dataclass(frozen=True)
class WriteDeadLetter:
    """Put the task into the dead-letter queue → whether that queue has it."""

    reason: str
    reply: Reply | None = None


type Step = TryClaim | Send | Enqueue | WriteDone | WriteQueued | Release | WriteDeadLetter
type Result = Verdict | Reply | UpstreamError | bool | None
