"""Bills as a table, as arithmetic and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from tools.operator.cost.bill import Line
from tools.operator.cost.prices import Prices
from tools.operator.output import table

type Bills = Mapping[float, Sequence[Line]]
"""A bill for each number of events per month."""

_LARGE = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


def listing(bills: Bills) -> Table:
    """A row per item, a column per number of events, and the totals."""
    columns = [f"{spoken(events)} events" for events in bills]
    shown = table("dollars per month", *columns, right=columns)
    found = {events: {line.item: line.dollars for line in lines} for events, lines in bills.items()}
    for item in dict.fromkeys(line.item for lines in bills.values() for line in lines):
        shown.add_row(item, *(f"{of.get(item, 0):,.2f}" for of in found.values()))
    shown.add_row("total", *(f"{total(lines):,.2f}" for lines in bills.values()))
    return shown


def explained(events: float, lines: Sequence[Line]) -> Table:
    """How each line of a bill was calculated."""
    shown = table(f"{spoken(events)} events", "dollars", "calculated", "unit", right=("dollars",))
    for line in lines:
        shown.add_row(line.item, f"{line.dollars:,.2f}", line.arithmetic, line.unit)
    shown.add_row("total", f"{total(lines):,.2f}")
    return shown


def data(events: float, line: Line, prices: Prices) -> dict[str, Any]:
    """A line for JSON."""
    price = prices[line.price]
    return {
        "events": round(events),
        "item": line.item,
        "price": line.price,
        "quantity": round(line.quantity, 6),
        "unit": line.unit,
        "dollars": round(line.dollars, 6),
        "arithmetic": line.arithmetic,
        "source": price.source,
        "seen": price.seen,
        "date": prices.date.isoformat(),
        "region": prices.region,
    }


def total(lines: Sequence[Line]) -> float:
    """A bill's sum, in dollars."""
    return sum(line.dollars for line in lines)


def spoken(events: float) -> str:
    """`10 G`, in the largest unit of which there is at least one."""
    for size, unit in _LARGE:
        if events >= size:
            return f"{events / size:g} {unit}"
    return f"{events:g}"
