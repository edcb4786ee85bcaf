"""Traffic of a local run, from its log: every line has the metrics that CloudWatch would make of it."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from tools.operator.function_log.local_file import LocalFile
from tools.operator.function_log.source import local_lines
from tools.operator.life.life import Outcome, received_at
from tools.operator.life.lines import items
from tools.operator.life.standing import outcome_of
from tools.operator.status.traffic import BREAKER_SECONDS, COUNTED, Traffic, percentile, traffic_of
from tools.operator.tail.news import News, news


def local_traffic(systems: Sequence[str], seconds: float) -> dict[str, Traffic]:
    """Each system's, of the last `seconds`. Raises CommandError."""
    now, log = time.time(), local_lines()
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    latencies: dict[str, list[float]] = defaultdict(list)
    for fields in log.measured(now - seconds):
        system = str(fields.get("system"))
        latencies[system] += fields.get("UpstreamLatency", ())
        for name in COUNTED:
            counted[system][name] += sum(fields.get(name, ()))
    oldest, open_breakers = _waiting(log, now)
    return {
        system: traffic_of(
            counted[system],
            p50=percentile(latencies[system], 50),
            p95=percentile(latencies[system], 95),
            oldest=oldest.get(system),
            breaker_open=system in open_breakers,
        )
        for system in systems
    }


def _waiting(log: LocalFile, now: float) -> tuple[dict[str, float], set[str]]:
    """How long each system's oldest queued event waits, and the systems whose breaker is open.

    A worker's line may stand before the call's.
    """
    taken: set[str] = set()
    waiting: dict[str, dict[str, float]] = defaultdict(dict)
    open_breakers: set[str] = set()
    for fields in log.written(0):
        told = news(fields)
        if told is None or not told.system:
            continue
        if told.status is None:
            taken.add(told.id)
        queued = [told.id] if told.outcome is Outcome.WAITING else _queued(fields, told)
        for event_id in queued:
            with suppress(ValueError):
                if told.status is None or event_id not in taken:
                    waiting[told.system][event_id] = now - received_at(event_id)
        if not queued:
            waiting[told.system].pop(told.id, None)
        if told.why == "breaker open" and told.at > now - BREAKER_SECONDS:
            open_breakers.add(told.system)
        elif told.outcome in (Outcome.DELIVERED, Outcome.REDELIVERED):
            open_breakers.discard(told.system)
    return {system: max(ages.values()) for system, ages in waiting.items() if ages}, open_breakers


def _queued(fields: Mapping[str, Any], told: News) -> list[str]:
    """What a call's line left in the queue."""
    if found := items(fields):
        return [event_id for event_id, line in found.items() if outcome_of(line)[0] is Outcome.QUEUED]
    return [told.id] if told.outcome is Outcome.QUEUED else []
