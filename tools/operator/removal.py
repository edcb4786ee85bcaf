"""What was removed where, and what is left to do by hand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Removal:
    """Numbers of what was removed by where it was, and notes on what could not be."""

    removed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def count(self, where: str, number: int = 1) -> None:
        """Add to a place, which is named even with 0."""
        self.removed[where] = self.removed.get(where, 0) + number

    def leave(self, what: str) -> None:
        """Something that the operator must know or do."""
        self.left.append(what)
