"""The log lines of one event, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CALL, REDELIVERY, BATCH, UNKNOWN_PATH = "call", "redelivery", "batch", "unknown path"
_MESSAGES = frozenset({CALL, REDELIVERY, BATCH, UNKNOWN_PATH, "fault", "queue failed"})


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
        found = self.fields.get(name)
        return float(found) if isinstance(found, int | float) else 0.0

    @property
    def tries(self) -> Sequence[Mapping[str, Any]]:
        """The requests that left."""
        found = self.fields.get("tries")
        return found if isinstance(found, list) else ()

    @property
    def deliveries(self) -> Mapping[str, int]:
        """Of a batch: how many of its items were delivered, queued, rejected."""
        found = self.fields.get("deliveries")
        return found if isinstance(found, dict) else {}

    @property
    def tries_began(self) -> float:
        """When the first of them left: they follow each other, and the line is written after the last."""
        return self.at - sum(float(each.get("milliseconds") or 0) for each in self.tries) / 1000


def line_of(fields: Mapping[str, Any]) -> Line | None:
    """A log line, None if it reports no event."""
    if fields.get("message") not in _MESSAGES:
        return None
    try:
        at = datetime.fromisoformat(str(fields.get("timestamp"))).timestamp()
    except ValueError:
        return None
    return Line(at, fields)


def ids(fields: Mapping[str, Any]) -> set[str]:
    """The events that a line is about."""
    several = fields.get("event_ids")
    found = {fields.get("event_id"), *(several if isinstance(several, list) else ())}
    return {each for each in found if isinstance(each, str) and each}


def about(event_id: str, lines: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of one event, oldest first."""
    own = (line_of(fields) for fields in lines if event_id in ids(fields))
    return sorted((line for line in own if line is not None), key=lambda line: line.at)
