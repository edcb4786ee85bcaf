"""What is known of one event: its steps in their order, how it ended, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26

_AFTER_ALL = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""An id's time may be later than any date."""


class Outcome(StrEnum):
    """How an event ended, or how far it is."""

    DELIVERED = "delivered"
    REDELIVERED = "redelivered"
    QUEUED = "queued"
    WAITING = "waiting"
    """Queued and tried; it will be tried again."""
    DEAD_LETTER = "dead letter"
    EXPIRED = "expired"
    DROPPED = "dropped"
    """The worker deleted its message unsent: it was delivered before, or is about an erased person."""
    REPLAYED = "replayed"
    REJECTED = "rejected"
    """Bad input, key or path."""
    REFUSED = "refused"
    """By the vendor, and the app knows."""
    FAILED = "failed"
    """Neither delivered nor queued."""
    UNKNOWN = "unknown"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (Outcome.QUEUED, Outcome.WAITING, Outcome.UNKNOWN)


class Kind(StrEnum):
    """What a step is."""

    RECEIVED = "received"
    CHECKED = "checked"
    RECORD = "record"
    TRY = "try"
    QUEUED = "queued"
    WAIT = "wait"
    REDELIVERY = "redelivery"
    ITEMS = "items"
    """The items of a batch that stand alike."""
    END = "end"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. `at`: Unix seconds; `text`: one line of English; the others only where they apply.

    `status`, `milliseconds`, `request` (the request's digest) and `outcome` are those of a try; `wait` is in
    seconds. `outcome` is also in the last step. `record`: the first digits of the idempotency record's key.
    """

    at: float
    kind: Kind
    text: str
    status: int | None = None
    milliseconds: float | None = None
    request: str | None = None
    outcome: str | None = None
    wait: float | None = None
    record: str | None = None

    def data(self) -> dict[str, Any]:
        """For JSON; what does not apply is left out."""
        given = {
            "time": iso(self.at),
            "kind": self.kind.value,
            "text": self.text,
            "status": self.status,
            "milliseconds": self.milliseconds,
            "request": self.request,
            "outcome": self.outcome,
            "wait": self.wait,
            "record": self.record,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Item:
    """How one item of a batch stands, and why (may be empty). `index` is from 0; `at`: Unix seconds."""

    index: int
    id: str
    outcome: Outcome
    why: str
    at: float

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "index": self.index,
            "id": self.id,
            "outcome": self.outcome.value,
            "reason": self.why or None,
        }


@dataclass(frozen=True, kw_only=True)
class Life:
    """One event's, or a batch's.

    `received`: Unix seconds. `system` and `endpoint` are empty where no line names them. Of a batch, `items`
    are its own, and `untold` counts the requests for them that are no steps.
    """

    id: str
    system: str
    endpoint: str
    received: float
    outcome: Outcome
    advice: str
    steps: tuple[Step, ...]
    items: tuple[Item, ...] = ()
    untold: int = 0

    @property
    def tries(self) -> int:
        """How many requests left for the vendor."""
        return sum(step.kind is Kind.TRY for step in self.steps) + self.untold

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will happen by itself; of a batch, to none of its items."""
        return self.outcome.is_settled and all(item.outcome.is_settled for item in self.items)

    def data(self) -> dict[str, Any]:
        """For JSON; `items` only for a batch."""
        items = {"items": [item.data() for item in self.items]} if self.items else {}
        return {
            "id": self.id,
            "system": self.system or None,
            "endpoint": self.endpoint or None,
            "received": iso(self.received),
            "outcome": self.outcome.value,
            "advice": self.advice,
            "steps": [step.data() for step in self.steps],
            **items,
        }


def iso(at: float) -> str:
    """Unix seconds as `2026-11-22T03:30:00.123Z`."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def received_at(event_id: str) -> float:
    """When an event was received, by its id: Unix seconds. Raises ValueError for what is not an event id."""
    if len(event_id) != _LENGTH or not set(event_id) <= set(_CROCKFORD):
        raise ValueError("not an event id")
    at = _number(event_id[:10]) / 1000
    if at >= _AFTER_ALL:
        raise ValueError("not an event id")
    return at


def _number(digits: Iterable[str]) -> int:
    number = 0
    for digit in digits:
        number = number * 32 + _CROCKFORD.index(digit)
    return number
