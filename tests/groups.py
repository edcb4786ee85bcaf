"""Which tests share a process of `make test`, and which start first: the long must not be what is left."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

GROUPS = ("local", "second", "faults", "deployment", "scaffold", "runtime", "console", "track")
"""Tests that share something costly run in one process; the longest group starts first. These also wait most,
so `make test` has twice as many processes as the cores that it is meant for."""

SECOND = (
    "clients/",
    "deployment/test_stages.py",
    "deployment/test_switches.py",
    "quickstart/",
    "release/test_package.py",
)
"""Those with a second local run of their own, because one run's tests would take longer than all others
together. These deploy stacks of their own, or call the API as clients do."""

LONG = {
    "proofs/faults/test_prove.py",
    "safety/test_checkov.py",
    "template/test_lint.py",
}
"""The files whose tests start first, in their group or among those in none: xdist gives a process its next
group when it has two tests left, which must not be long ones."""


@dataclass(frozen=True)
class Place:
    """Where a test runs: its `group`, empty for none, and its `turn`, which tests are sorted by."""

    group: str
    turn: tuple[int, bool]


def placed(path: str, fixtures: Set[str]) -> Place:
    """A test's place, by its file's path below tests/ and the fixtures that it uses."""
    group = _group(path, fixtures)
    known = group in GROUPS
    turn = GROUPS.index(group) if known else len(GROUPS)
    return Place(group if known else "", (turn, path not in LONG))


def _group(path: str, fixtures: Set[str]) -> str:
    if path.startswith(SECOND):
        return "second"
    if "local" in fixtures:
        return "local"
    folder, further, *_ = path.split("/")
    return further if folder == "proofs" else folder
