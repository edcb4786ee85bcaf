"""The log lines of one event, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.core.task import batch_id, item_id
from tools.operator.life.items import ends

CALL, REDELIVERY, BATCH, UNKNOWN_PATH = "call", "redelivery", "batch", "unknown path"
ITEM = "item"
"""What a batch's line says of one item, as a line of its own; no log has it."""

CALLS = (CALL, BATCH, ITEM, UNKNOWN_PATH)
_MESSAGES = (CALL, BATCH, UNKNOWN_PATH, REDELIVERY, "fault", "queue failed")

_MOST = 1e12
"""No status, time or count is larger; a log that somebody edited may be."""


@dataclass(frozen=True)
class Line:
    """One line: when it was written (Unix seconds), and its fields."""

    at: float
    fields: Mapping[str, Any]

    @property
    def message(self) -> str:
        """What it reports: `call`, `redelivery`, …"""
        return str(self.fields["message"])

    def text(self, name: str) -> str:
        """A field, empty if it is absent."""
        return str(self.fields.get(name) or "")

    def number(self, name: str) -> float:
        """A field, 0 if it is absent."""
        return number(self.fields.get(name))

    @property
    def tries(self) -> Sequence[Mapping[str, Any]]:
        """The requests that left."""
        found = self.fields.get("tries")
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else ()

    @property
    def deliveries(self) -> Mapping[str, int]:
        """Of a batch: how many of its items were delivered, queued, rejected."""
        found = self.fields.get("deliveries")
        return found if isinstance(found, dict) else {}

    @property
    def tries_began(self) -> float:
        """When the first of them left: they follow each other, and the line is written after the last."""
        return self.at - sum(number(each.get("milliseconds")) for each in self.tries) / 1000


def number(value: object) -> float:
    """A number in a line, 0 for anything else."""
    return float(value) if isinstance(value, int | float) and 0 <= value < _MOST else 0.0


def line_of(fields: Mapping[str, Any]) -> Line | None:
    """A log line, None if it reports no event."""
    if fields.get("message") not in _MESSAGES:
        return None
    try:
        moment = datetime.fromisoformat(str(fields.get("timestamp"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Line(moment.timestamp(), fields)


def ids(fields: Mapping[str, Any]) -> set[str]:
    """The events that a line is about."""
    several = fields.get("event_ids")
    found = {fields.get("event_id"), *(several if isinstance(several, list) else ())}
    return {each for each in found if isinstance(each, str) and each}


def about(event_id: str, lines: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of one event, oldest first, but a worker's after the call's.

    Of an item of a batch, the first is what the batch's line says of it.
    """
    own: list[Line] = []
    for fields in lines:
        line = line_of(fields) if event_id in ids(fields) else None
        if line is None and fields.get("message") == BATCH and fields.get("event_id") == batch_id(event_id):
            line = items(fields).get(event_id)
        if line is not None:
            own.append(line)
    return ordered(own)


def items(fields: Mapping[str, Any]) -> dict[str, Line]:
    """What a batch's line says of each item, by the items' ids, in their order; nothing for other lines."""
    batch = line_of(fields) if fields.get("message") == BATCH else None
    if batch is None:
        return {}
    found = {}
    for index, (delivery, error) in ends(fields).items():
        own = item_id(batch.text("event_id"), index)
        said = {"message": ITEM, "event_id": own, "index": index, "delivery": delivery, "error": error}
        found[own] = Line(batch.at, {**fields, **said})
    return found


def ordered(lines: Iterable[Line]) -> list[Line]:
    """The lines of one event: a worker may be done before the call's line is written, and clocks differ."""
    own = sorted(lines, key=lambda line: line.at)
    called = max((place for place, line in enumerate(own) if line.message in CALLS), default=0)
    early = [line for line in own[:called] if line.message == REDELIVERY]
    return [line for line in own[: called + 1] if line not in early] + early + own[called + 1 :]
