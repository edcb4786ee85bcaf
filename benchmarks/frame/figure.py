"""A figure: what was measured, round by round, and the goal that it is held against."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of docs/performance.md.

    `values`: one per round, at least one; for a comparison the ratio within each round. `unit`: empty for a
    ratio. `at_most` or `at_least` is the goal that the median must meet. A figure without a goal says what
    is behind a ratio: then `of` names what was measured, and `name` the quantity.
    """

    name: str
    values: tuple[float, ...]
    unit: str = ""
    of: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def median(self) -> float:
        """The middle of the rounds' values."""
        return statistics.median(self.values)

    @property
    def goal(self) -> str:
        """`≤ 0.5` or `≥ 45`; empty without a goal."""
        if self.at_most is not None:
            return f"≤ {self.at_most:,g}"
        return f"≥ {self.at_least:,g}" if self.at_least is not None else ""

    @property
    def met(self) -> bool:
        """Whether the median meets the goal; a figure without one always does."""
        least = self.at_least is None or self.median >= self.at_least
        return least and (self.at_most is None or self.median <= self.at_most)


def ratios(ours: tuple[float, ...], theirs: tuple[float, ...]) -> tuple[float, ...]:
    """What we took for each unit of theirs, round by round."""
    return tuple(mine / other for mine, other in zip(ours, theirs, strict=True))


def shown(value: float) -> str:
    """Three digits that count: `0.512`, `4.52`, `223`, `41,300`. A whole number has no decimals."""
    if value == int(value) or value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"
