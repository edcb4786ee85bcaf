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
    """A line per test, the slowest first; a shared fixture's setup counts for its first user, its end for the
    last test of the process."""
    phases: dict[str, dict[str, float]] = defaultdict(dict)
    for report in reports:
        phases[report.nodeid][report.when or "call"] = report.duration
    totals = {test: sum(seconds.values()) for test, seconds in phases.items()}
    for test in sorted(totals, key=lambda one: -totals[one])[:SHOWN]:
        if totals[test] < WORTH_NAMING:
            return
        around = {
            "setting up": phases[test].get("setup", 0.0),
            "tearing down": phases[test].get("teardown", 0.0),
        }
        of_it = [f", {took:.1f} s of it {doing}" for doing, took in around.items() if took >= WORTH_NAMING]
        # xdist adds the group to a test's name.
        yield f"{totals[test]:6.1f} s  {test.partition('@')[0]}{''.join(of_it)}"
