"""The doctor's report: the rows of its table, and the exit status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.table import Table
from rich.text import Text

from tools.operator import output


class Level(StrEnum):
    """What a row means for a pipeline, from harmless to failing; see `status`."""

    OK = "ok"
    SKIPPED = "not asked"
    WARNING = "warning"
    UNKNOWN = "cannot tell"
    FINDING = "finding"


_STYLES = {
    Level.OK: "green",
    Level.SKIPPED: "dim",
    Level.WARNING: "yellow",
    Level.UNKNOWN: "magenta",
    Level.FINDING: "bold red",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One answer: `what` was looked at, what was expected, what was seen, and what to do about it.

    `do` is empty where nothing has to be done.
    """

    what: str
    level: Level
    expected: str = ""
    seen: str = ""
    do: str = ""


def ok(what: str, expected: str, seen: str) -> Row:
    """As expected."""
    return Row(what=what, level=Level.OK, expected=expected, seen=seen)


def finding(what: str, expected: str, seen: str, do: str) -> Row:
    """Something does not work, or will not when it is needed."""
    return Row(what=what, level=Level.FINDING, expected=expected, seen=seen, do=do)


def warning(what: str, expected: str, seen: str, do: str) -> Row:
    """It works, but its owner should know."""
    return Row(what=what, level=Level.WARNING, expected=expected, seen=seen, do=do)


def skipped(what: str, why: str, do: str = "") -> Row:
    """Not checked here, for a reason that is not a failure."""
    return Row(what=what, level=Level.SKIPPED, seen=why, do=do)


def unknown(what: str, why: str, do: str) -> Row:
    """Checked without a result."""
    return Row(what=what, level=Level.UNKNOWN, seen=why, do=do)


def status(rows: Iterable[Row], *, strict: bool) -> int:
    """The exit status: 1 for a finding or an unknown result, and with `strict` for a warning."""
    failing = {Level.FINDING, Level.UNKNOWN} | ({Level.WARNING} if strict else set())
    return int(any(row.level in failing for row in rows))


def table(rows: Iterable[Row]) -> Table:
    """The rows as a table; what needs attention comes last, where the eye rests."""
    order = list(Level)
    made = output.table("", "what", "expected", "seen", "what to do", whole={"": len(Level.UNKNOWN)})
    for row in sorted(rows, key=lambda row: order.index(row.level)):
        cells = (row.what, row.expected, row.seen, row.do)
        made.add_row(Text(row.level, style=_STYLES[row.level]), *map(Text, cells))
    return made


def summary(rows: Sequence[Row]) -> str:
    """`31 ok, 1 finding`."""
    counted = {level: sum(row.level is level for row in rows) for level in Level}
    plural = {Level.FINDING: "findings", Level.WARNING: "warnings"}
    return ", ".join(
        f"{number} {plural.get(level, level) if number > 1 else level}"
        for level, number in counted.items()
        if number
    )
