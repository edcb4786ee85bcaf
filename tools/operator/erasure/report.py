"""The report of an erasure: what was removed where, and what is left to do by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

LABELS = {
    "tombstones": "tombstone, for queued events (30 days)",
    "shortened_dead_letters": "dead letters that keep other people's events",
    "records": "idempotency records of these dead letters",
    "answers": "idempotency records whose response names the person",
    "identities": "cached vendor ids of the person",
}
"""Labels of the places whose name does not say enough."""


@dataclass
class Removal:
    """How many items were removed, by the place's name (`dead_letters`), and notes on what could not be."""

    removed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def count(self, where: str, number: int = 1) -> None:
        """Add to a place; one with 0 is listed, too."""
        self.removed[where] = self.removed.get(where, 0) + number

    @property
    def found(self) -> int:
        """How many items were found; a tombstone is set whether or not anything is queued."""
        return sum(number for where, number in self.removed.items() if where != "tombstones")

    def leave(self, what: str) -> None:
        """Add something that the operator must know or do."""
        self.left.append(what)
