"""Subjects that are measured in turns, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure
from benchmarks.frame.session import CALLS, Caller, FunctionProcess, Session, measured
from benchmarks.frame.stand_in import VENDOR
from benchmarks.frame.upstreams import Upstreams
from tests.runtime.emulator import Emulator
from tools.errors import CommandError

COLD_STARTS = 3
"""In a session, of which the median counts: one start is soon disturbed."""

REQUESTS = COLD_STARTS - 1 + CALLS
"""All calls of a session."""

NAMES = {
    "cold": "cold start",
    "cold_cpu": "its CPU",
    "warm": "warm call, p50",
    "cpu": "CPU per call",
    "rss": "memory",
}
"""What a session measures."""

_UNITS = {"rss": "MB"}
"""Milliseconds, except for these."""

type Values = Mapping[str, Mapping[str, tuple[float, ...]]]
"""Per subject and quantity: a value per round."""


@dataclass(frozen=True)
class Subject:
    """What is measured: how it is started, its n-th event, and the one request that each call must send."""

    name: str
    start: Callable[[], Emulator]
    event: Callable[[int], Mapping[str, Any]]
    sends: str = VENDOR


def in_turns(bench: Bench, subjects: Sequence[Subject], upstreams: Upstreams) -> Values:
    """Every subject once per round, every other round backwards; a start before warms the disk's cache.

    Raises CommandError if a call does not send its request.
    """
    sessions: dict[str, list[Session]] = {subject.name: [] for subject in subjects}
    for subject in subjects:
        with subject.start() as emulator:
            emulator.invoke(subject.event(0))
    with bench.progress.step("call each") as detail:
        for number in range(bench.rounds):
            for subject in subjects[:: -1 if number % 2 else 1]:
                detail(f"round {number + 1} of {bench.rounds}, {subject.name}")
                before = upstreams.count(subject.sends)
                sessions[subject.name].append(_session(subject))
                if (sent := upstreams.count(subject.sends) - before) != REQUESTS:
                    raise CommandError(
                        f"{subject.name}: {REQUESTS} calls sent {sent} requests ({subject.sends})"
                    )
    return {
        name: {quantity: tuple(getattr(one, quantity) for one in found) for quantity in NAMES}
        for name, found in sessions.items()
    }


def _session(subject: Subject) -> Session:
    """A session whose cold start is the median of several."""
    cold, cold_cpu = [], []
    for _ in range(COLD_STARTS - 1):
        with subject.start() as emulator, Caller(emulator) as caller:
            cold.append(caller.call(subject.event(0)) * 1e3)
            cold_cpu.append(FunctionProcess.of(emulator).cpu_seconds() * 1e3)
    session = measured(subject.start(), subject.event)
    return replace(
        session,
        cold=statistics.median([*cold, session.cold]),
        cold_cpu=statistics.median([*cold_cpu, session.cold_cpu]),
    )


def behind(values: Values) -> Iterator[Figure]:
    """What is behind the ratios: every quantity of every subject."""
    for name, found in values.items():
        for quantity, shown in NAMES.items():
            yield Figure(name=shown, values=found[quantity], unit=_UNITS.get(quantity, "ms"), of=name)
