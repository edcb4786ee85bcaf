"""Durations as an operator writes them: 90s, 15m, 2h, 30d."""

from __future__ import annotations

import re

import typer

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_DAYS = 3650
"""Ten years; more is a typing mistake."""


def seconds(text: str) -> float:
    """The seconds in `2h`, at most ten years. Raises typer.BadParameter."""
    found = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if found is None:
        raise typer.BadParameter("use a number and s, m, h or d: 90s, 15m, 2h, 30d")
    length = float(int(found[1]) * _SECONDS[found[2]])
    if length > LONGEST_DAYS * _SECONDS["d"]:
        raise typer.BadParameter(f"at most {LONGEST_DAYS}d (ten years)")
    return length


def spoken(seconds: float) -> str:
    """`2 h`, in the largest unit of which there is at least one and a half."""
    for unit, size in reversed(_SECONDS.items()):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
