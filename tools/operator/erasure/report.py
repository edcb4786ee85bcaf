"""What was removed where, and what is left to do by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

TEXTS = {
    "tombstones": "tombstone, for what is in the queue (30 days)",
    "shortened_dead_letters": "dead letters, of which others' events stay",
    "records": "idempotency records of these",
    "answers": "idempotency records whose answer names them",
}
"""What a table calls a place, where its name does not say it."""


@dataclass
class Removal:
    """Numbers of what was removed, by the place's name (`dead_letters`), and notes on what could not be."""

    removed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def count(self, where: str, number: int = 1) -> None:
        """Add to a place, which is named even with 0."""
        self.removed[where] = self.removed.get(where, 0) + number

    @property
    def found(self) -> int:
        """How much was theirs; a tombstone stands for what nobody has seen."""
        return sum(number for where, number in self.removed.items() if where != "tombstones")

    def leave(self, what: str) -> None:
        """Something that the operator must know or do."""
        self.left.append(what)
