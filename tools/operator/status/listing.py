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
from tools.operator.status.traffic import Traffic
from tools.systems.profile import Rate
from tools.systems.registry import profile

DAY_SECONDS = 24 * 3600
_UNKNOWN = "unknown"

_NUMBERS = ("accepted", "delivered", "queued", "oldest", "dead", "vendor p50", "p95")


def listing(found: Iterable[SystemStatus], now: float, option: str) -> Table:
    """A row per system. `now` is Unix seconds; `option` names the stack in a command.

    The column `held` is there while a system is.
    """
    statuses = list(found)
    held = ("held",) if any(status.hold for status in statuses) else ()
    shown = table("system", *_NUMBERS, "breaker", *held, "what hurts", right=_NUMBERS)
    for status in statuses:
        hurts = "; ".join(pains(status, now, option))
        shown.add_row(
            status.system,
            *_numbers(status),
            _breaker(status.traffic) or _UNKNOWN,
            *([_held(status.hold, now)] if held else ()),
            Text(hurts, style="yellow" if hurts else ""),
        )
    return shown


def _numbers(status: SystemStatus) -> tuple[str, ...]:
    traffic, queued = status.traffic, f"{status.queued.all:,}"
    dead = f"{status.dead_letters:,}"
    if traffic is None:
        return (_UNKNOWN, _UNKNOWN, queued, _UNKNOWN, dead, _UNKNOWN, _UNKNOWN)
    oldest = "" if not status.queued.all else _UNKNOWN if traffic.oldest is None else spoken(traffic.oldest)
    latencies = ("" if each is None else f"{each:,.0f} ms" for each in (traffic.p50, traffic.p95))
    return (f"{traffic.accepted:,}", f"{traffic.delivered:,}", queued, oldest, dead, *latencies)


def _breaker(traffic: Traffic | None) -> str | None:
    if traffic is None or traffic.breaker_open is None:
        return None
    return "open" if traffic.breaker_open else "closed"


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
        **_lately(status),
        "hurts": list(pains(status, now, option)),
        "rate": rate
        and {**asdict(rate), "per_day": _per_day(rate), "longest_wait": round(status.longest_wait)},
    }


def _lately(status: SystemStatus) -> dict[str, Any]:
    """null where it is unknown, or where nothing was sent or queued."""
    traffic = status.traffic
    return {
        "accepted": traffic and traffic.accepted,
        "delivered": traffic and traffic.delivered,
        "failed": traffic and traffic.failed,
        "oldest": round(traffic.oldest) if traffic and traffic.oldest is not None else None,
        "upstream_p50": round(traffic.p50, 1) if traffic and traffic.p50 is not None else None,
        "upstream_p95": round(traffic.p95, 1) if traffic and traffic.p95 is not None else None,
        "breaker": _breaker(traffic),
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
