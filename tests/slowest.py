"""The end of a run names the tests that took longest, so that a slow one is seen the day it is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

SHOWN = 10
"""How many tests are named."""

WORTH_NAMING = 1.0
"""Seconds below which no test is slow."""


def slowest(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """A line per test, the slowest first; what setting up a shared fixture took is the first user's."""
    phases: dict[str, dict[str, float]] = defaultdict(dict)
    for report in reports:
        phases[report.nodeid][report.when or "call"] = report.duration
    totals = {test: sum(seconds.values()) for test, seconds in phases.items()}
    for test in sorted(totals, key=lambda one: -totals[one])[:SHOWN]:
        if totals[test] < WORTH_NAMING:
            return
        setup = phases[test].get("setup", 0.0)
        of_it = f", {setup:.1f} s of it setting up" if setup >= WORTH_NAMING else ""
        # xdist adds the group to a test's name.
        yield f"{totals[test]:6.1f} s  {test.partition('@')[0]}{of_it}"
