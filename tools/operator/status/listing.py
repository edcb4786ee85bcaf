"""Systems' statuses as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from gateway.delivery.hold import Hold
from tools.operator.duration import spoken
from tools.operator.moment import iso, minute
from tools.operator.output import table
from tools.operator.status.pains import pains
from tools.operator.status.system_status import SystemStatus
from tools.systems.profile import Rate
from tools.systems.registry import profile

DAY_SECONDS = 24 * 3600

_COUNTS = ("waiting", "in flight", "dead letters")


def listing(found: Iterable[SystemStatus], now: float, option: str) -> Table:
    """A row per system. `now` is Unix seconds; `option` names the stack in a command."""
    shown = table("system", "held", "event source", *_COUNTS, "what hurts", right=_COUNTS)
    for status in found:
        counts = (status.queued.waiting, status.queued.in_flight, status.dead_letters)
        hurts = "; ".join(pains(status, now, option))
        shown.add_row(
            status.system,
            _held(status.hold, now),
            status.source,
            *map(str, counts),
            Text(hurts, style="yellow" if hurts else ""),
        )
    return shown


def data(status: SystemStatus, now: float, option: str) -> dict[str, Any]:
    """A status for JSON; times in ISO 8601, null where nobody holds the system."""
    hold, rate = status.hold, status.rate
    return {
        "system": status.system,
        "held_since": hold and iso(hold.since),
        "held_until": hold and iso(hold.until),
        "hold": "none" if hold is None else _word(hold, now),
        "event_source": status.source,
        "waiting": status.queued.waiting,
        "in_flight": status.queued.in_flight,
        "dead_letters": status.dead_letters,
        "hurts": list(pains(status, now, option)),
        "rate": rate
        and {**asdict(rate), "per_day": _per_day(rate), "longest_wait": round(status.longest_wait)},
    }


def pace(status: SystemStatus, rate: Rate) -> str:
    """What a system's rate means for the first day of many users, and for what is queued now."""
    name = profile(status.system).title
    each = f" for each of {', '.join(rate.accounts)}" if len(rate.accounts) > 1 else ""
    pace = f"{name}: {rate.what} at {rate.per_second:g} per second{each}, {_per_day(rate):,} on a first day."
    queued = status.queued.all
    if not queued:
        return pace
    events = "queued event" if queued == 1 else "queued events"
    return f"{pace} {queued:,} {events} may wait up to {spoken(status.longest_wait)} for that."


def _per_day(rate: Rate) -> int:
    return round(DAY_SECONDS * rate.per_second)


def _held(hold: Hold | None, now: float) -> str:
    if hold is None:
        return "no"
    if hold.until <= now:
        return f"over since {minute(hold.until)} UTC"
    return f"{minute(hold.since)} to {minute(hold.until)} UTC"


def _word(hold: Hold, now: float) -> str:
    if hold.until <= now:
        return "over"
    return "resuming" if hold.resuming else "held"
