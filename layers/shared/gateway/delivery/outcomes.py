"""What becomes of a delivery task: of the first attempt (outcomes), and of a redelivery (fates)."""

from __future__ import annotations

from enum import StrEnum

from gateway.core.answer import Answer
from gateway.core.data import dataclass
from gateway.core.errors import NotYet, UpstreamError
from gateway.core.reply import Reply

# Of the first attempt, within an API call.


@dataclass(frozen=True)
class Delivered:
    """The upstream accepted it, with this reply."""

    reply: Reply


@dataclass(frozen=True)
class Queued:
    """The queue has it."""


@dataclass(frozen=True)
class Replayed:
    """It was settled before; `answer` is the first answer to the app, where that is known."""

    answer: Answer | None


@dataclass(frozen=True)
class Failed:
    """Neither delivered nor queued: the upstream's refusal, or what prevented both."""

    error: UpstreamError


@dataclass(frozen=True)
class KeyInFlight:
    """Another request with the same key is being sent; in `seconds` its send is over."""

    seconds: float


@dataclass(frozen=True)
class KeyReused:
    """The key was used for another request."""


type Outcome = Delivered | Queued | Replayed | Failed | KeyInFlight | KeyReused

# Of a redelivery, for a message in the worker.


class Ending(StrEnum):
    """Why a task became a dead letter: the letter's `reason`."""

    REFUSED = "refused"
    OUTCOME_UNKNOWN = "outcome unknown"
    WINDOW_OVER = "window over"
    KEY_REUSED = "key reused"
    UNREADABLE = "unreadable"
    NEWER_VERSION = "newer version"


@dataclass(frozen=True)
class Done:
    """Delivered now; the message is deleted."""


@dataclass(frozen=True)
class Dropped:
    """Delivered before; the message is deleted."""


@dataclass(frozen=True)
class Dead:
    """Now a dead letter; the message is deleted."""

    reason: str


@dataclass(frozen=True)
class Expired:
    """Useless by now, by its contract; the message is deleted."""


@dataclass(frozen=True)
class Later:
    """The message stays, for at least `seconds` where that is known.

    `error` is what kept the upstream from accepting it, where that is known. `spaced`: its tries are counted,
    so the next one waits until the upstream may have recovered.
    """

    reason: str
    seconds: float | None = None
    error: UpstreamError | None = None
    spaced: bool = False

    @property
    def finds_out(self) -> bool:
        """Whether its next try, soon, would find out that the upstream has recovered."""
        return self.error is not None and not self.spaced and not isinstance(self.error, NotYet)


@dataclass(frozen=True)
class InFlightElsewhere(Later):
    """Another attempt is sending it; in `seconds` that one's lease is over."""

    reason: str = "in flight"


@dataclass(frozen=True)
class NotDeadLettered(Later):
    """It should be a dead letter, and the dead-letter queue did not take it."""

    reason: str = "no dead letters"


@dataclass(frozen=True)
class Unrecorded(Later):
    """The idempotency store cannot be read."""

    reason: str = "no idempotency records"


@dataclass(frozen=True)
class Held(Later):
    """An operator holds the system's deliveries."""

    reason: str = "held"


@dataclass(frozen=True)
class Waiting(Later):
    """Its turn has not come: the upstream is well, and was not asked."""

    reason: str = "waiting"


@dataclass(frozen=True)
class NoTime(Later):
    """The worker's own time is nearly over."""

    reason: str = "no time"


@dataclass(frozen=True)
class Newer(Later):
    """A newer release queued it, and can read it."""

    reason: str = Ending.NEWER_VERSION


type Fate = Done | Dropped | Dead | Expired | Later
