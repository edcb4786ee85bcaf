"""A stack's client keys for tables and JSON: one row per key, whichever systems it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.operator.client_keys import entries
from tools.operator.duration import spoken
from tools.operator.secret import Document


@dataclass(frozen=True, kw_only=True)
class Row:
    """A key. `created` and `expires` are Unix seconds; `ends` is false for a key that never expires."""

    id: str
    name: str
    systems: tuple[str, ...]
    allows: tuple[str, ...]
    created: float | None
    expires: float | None
    ends: bool

    def is_over(self, now: float) -> bool:
        """Whether functions refuse it: to them, an expiry that is not a number has passed."""
        return self.ends and (self.expires is None or self.expires <= now)

    def cells(self, now: float) -> list[str]:
        """The cells of a table row."""
        if self.is_over(now):
            state = "over"
        else:
            state = "good" if self.expires is None else f"good for {spoken(self.expires - now)}"
        created = (_iso(self.created) or "")[:10]
        return [
            self.id,
            self.name,
            ", ".join(self.systems),
            ", ".join(self.allows) or "nothing",
            created,
            state,
        ]

    def data(self, now: float) -> dict[str, Any]:
        """For JSON; times in ISO 8601 or null."""
        return {
            "id": self.id,
            "name": self.name,
            "systems": list(self.systems),
            "allows": list(self.allows),
            "created": _iso(self.created),
            "expires": _iso(self.expires),
            "state": "over" if self.is_over(now) else "good",
        }


def rows(documents: Mapping[str, Document]) -> list[Row]:
    """The keys in the systems' secrets, sorted by name."""
    found: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for system, document in documents.items():
        for key in entries.keys(document):
            found.setdefault(str(key.get("id")), (key, []))[1].append(system)
    return sorted((_row(key, systems) for key, systems in found.values()), key=lambda row: row.name)


def _row(key: Mapping[str, Any], systems: list[str]) -> Row:
    return Row(
        id=str(key.get("id")),
        name=str(key.get("name", "")),
        systems=tuple(systems),
        allows=tuple(entries.allowed(key)),
        created=entries.seconds(key.get("created")),
        expires=entries.seconds(key.get("expires")),
        ends=key.get("expires") is not None,
    )


def _iso(seconds: float | None) -> str | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OSError, OverflowError, ValueError):  # the year 10,000 and later
        return None
