"""Traffic of a stack on AWS, from CloudWatch's metrics and, for the circuit breakers, from the log."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from tools.errors import CommandError
from tools.operator.backlog import oldest_age
from tools.operator.function_log.cloudwatch import CloudWatchLog
from tools.operator.function_log.source import function_log
from tools.operator.stack import Stack
from tools.operator.status.traffic import BREAKER_SECONDS, COUNTED, Traffic, traffic_of

_LATENCY = "UpstreamLatency"
_PERCENTILES = ("p50", "p95")

MINUTES_SECONDS = 3 * 3600
"""For longer than this, CloudWatch is asked for hours instead of minutes."""


def cloudwatch_traffic(stack: Stack, systems: Sequence[str], seconds: float) -> dict[str, Traffic]:
    """Each system's, of the last `seconds`. Raises botocore's errors."""
    cloudwatch = stack.client("cloudwatch")
    found = _metrics(cloudwatch, stack.metrics, systems, seconds)
    open_breakers = _open_breakers(stack)
    return {
        system: traffic_of(
            {name: sum(found[system, name]) for name in COUNTED},
            **{name: max(found[system, name], default=None) for name in _PERCENTILES},
            oldest=oldest_age(cloudwatch, stack.queue(system)),
            breaker_open=None if open_breakers is None else system in open_breakers,
        )
        for system in systems
    }


def _metrics(
    cloudwatch: Any, namespace: str, systems: Sequence[str], seconds: float
) -> dict[tuple[str, str], list[float]]:
    """The values of each metric, and of the latency's percentiles, by system and name."""
    short = 60 if seconds <= MINUTES_SECONDS else 3600
    whole = 60 * ceil(seconds / 60)
    wanted = [
        (system, name, statistic, period)
        for system in systems
        for name, statistic, period in (
            *((name, "Sum", short) for name in COUNTED),
            *((name, name, min(whole, 86400)) for name in _PERCENTILES),
        )
    ]
    queries = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": _LATENCY if name in _PERCENTILES else name,
                    "Dimensions": [{"Name": "system", "Value": system}],
                },
                "Period": period,
                "Stat": statistic,
            },
        }
        for number, (system, name, statistic, period) in enumerate(wanted)
    ]
    values: dict[tuple[str, str], list[float]] = {(system, name): [] for system, name, *_ in wanted}
    now = datetime.now(UTC)
    for result in _results(cloudwatch, queries, now - timedelta(seconds=seconds), now):
        system, name, *_ = wanted[int(result["Id"][1:])]
        values[system, name] += result.get("Values", ())
    return values


def _results(
    cloudwatch: Any, queries: list[dict[str, Any]], start: datetime, end: datetime
) -> Iterator[dict[str, Any]]:
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end
    )
    for page in pages:
        yield from page["MetricDataResults"]


def _open_breakers(stack: Stack) -> set[str] | None:
    """The systems whose functions said in the last minute that theirs was open; None if no log would say."""
    if stack.parameters.get("LogLevel") in ("WARN", "ERROR"):
        return None
    with suppress(CommandError):
        log = function_log(stack)
        assert isinstance(log, CloudWatchLog)  # noqa: S101 - as the stack is on AWS
        found = log.reasons("breaker open", time.time() - BREAKER_SECONDS)
        return {str(fields.get("system")) for fields in found}
    return None
