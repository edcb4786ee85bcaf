"""Systems' queues as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.table import Table

from tools.operator.drain.reading import ASSUMED_LATENCY, Draining
from tools.operator.duration import spoken
from tools.operator.event_sources import ENABLED
from tools.operator.moment import iso, minute
from tools.operator.output import table

_NUMBERS = ("waiting", "in flight", "oldest", "drains per second", "possible")


def listing(found: Iterable[Draining], now: float) -> Table:
    """A row per system. `now` is Unix seconds."""
    shown = table("system", *_NUMBERS, "empty", right=_NUMBERS)
    for each in found:
        shown.add_row(
            each.system,
            f"{each.queued.waiting}",
            f"{each.queued.in_flight}",
            _oldest(each),
            f"{each.net:.1f}",
            f"{each.possible:.0f}",
            _empty(each, now),
        )
    return shown


def data(draining: Draining, now: float) -> dict[str, Any]:
    """A row for JSON: seconds, messages per second, times in ISO 8601; null where it is unknown."""
    measured, empty_in = draining.flow, draining.empty_in
    return {
        "system": draining.system,
        "waiting": draining.queued.waiting,
        "in_flight": draining.queued.in_flight,
        "oldest": draining.oldest,
        "arriving": measured and round(measured.arriving, 2),
        "leaving": measured and round(measured.leaving, 2),
        "drain_rate": round(draining.net, 2),
        "possible_rate": round(draining.possible, 2),
        "latency": draining.latency,
        "event_source": draining.source.state,
        "empty_in": None if empty_in is None else round(empty_in),
        "empty_at": None if empty_in is None else iso(now + empty_in),
    }


def assumed(found: Iterable[Draining]) -> str | None:
    """Which systems' possible rates rest on a latency that nobody measured."""
    systems = [each.system for each in found if each.latency is None]
    if not systems:
        return None
    said = f"{ASSUMED_LATENCY * 1000:.0f} ms assumed for {', '.join(systems)}"
    return f"What is possible depends on the vendor's latency, which was not measured: {said}."


def advice(found: Iterable[Draining]) -> Iterator[str]:
    """What to do about queues that do not empty: a sentence each."""
    stuck = {each.system: each.source.state == ENABLED for each in found if each.empty_in is None}
    if stopped := [system for system, enabled in stuck.items() if not enabled]:
        yield (
            f"{', '.join(stopped)}: nothing is delivered. `bin/trackgate status` says why, and how to resume."
        )
    if slow := [system for system, enabled in stuck.items() if enabled]:
        yield (
            f"{', '.join(slow)}: while the vendor is down, and for up to 15 minutes after, events wait for "
            "their next attempt. If it is up, DeliveryConcurrency is too low for what comes in."
        )


def _oldest(draining: Draining) -> str:
    if not draining.queued.all:
        return ""
    return "unknown" if draining.oldest is None else spoken(draining.oldest)


def _empty(draining: Draining, now: float) -> str:
    empty_in = draining.empty_in
    if empty_in == 0:
        return "now"
    if draining.source.state != ENABLED:
        return f"never: the event source is {draining.source.state}"
    if empty_in is None:
        return "it grows" if draining.net < 0 else "never at this rate"
    return f"in {spoken(empty_in)}, {minute(now + empty_in)} UTC"
