"""How many calls there are, how many fail and how long they take: the last five minutes in steps of 5 s."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tools.operator.status.traffic import percentile

STEP_SECONDS = 5
STEPS = 60
MOST_VALUES = 2000
"""Durations of a step that are kept; of more, percentiles are of the first ones."""


@dataclass
class _Step:
    calls: int = 0
    failed: int = 0
    took: list[float] = field(default_factory=list)
    upstream: list[float] = field(default_factory=list)


class Rates:
    """Counts by the time of the answer. Every method may be called from any thread."""

    def __init__(self) -> None:
        """Nothing was counted."""
        self._lock = threading.Lock()
        self._steps: OrderedDict[int, _Step] = OrderedDict()

    def call(self, at: float, status: int, milliseconds: float) -> None:
        """A call was answered; it failed with 5xx. `at`: Unix seconds."""
        with self._lock:
            step = self._step(at)
            step.calls += 1
            step.failed += status >= 500
            _keep(step.took, [milliseconds])

    def upstream(self, at: float, milliseconds: Iterable[float]) -> None:
        """Requests to upstreams took so long."""
        with self._lock:
            _keep(self._step(at).upstream, milliseconds)

    def data(self, now: float) -> dict[str, list[Any]]:
        """For JSON; a step in which nothing was measured has null. `now`: Unix seconds."""
        last = int(now) // STEP_SECONDS
        seconds = range(last - STEPS + 1, last + 1)
        with self._lock:
            steps = [self._steps.get(each, _Step()) for each in seconds]
            return {
                "seconds": [each * STEP_SECONDS for each in seconds],
                "calls": [step.calls for step in steps],
                "failed": [step.failed for step in steps],
                "p50": [_tenths(percentile(step.took, 50)) for step in steps],
                "p95": [_tenths(percentile(step.took, 95)) for step in steps],
                "upstream_p95": [_tenths(percentile(step.upstream, 95)) for step in steps],
            }

    def _step(self, at: float) -> _Step:
        number = int(at) // STEP_SECONDS
        step = self._steps.setdefault(number, _Step())
        while len(self._steps) > STEPS + 1:
            self._steps.popitem(last=False)
        return step


def _keep(values: list[float], more: Iterable[float]) -> None:
    values += list(more)[: max(0, MOST_VALUES - len(values))]


def _tenths(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
