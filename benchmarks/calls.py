"""Trackgate's `new-session` beside peers that do the same, each in the Lambda runtime emulator.

A session starts a function, calls it 1,000 times over one connection, and ends it. The sessions take turns,
so that whatever else the machine does falls on all alike, and a ratio compares two sessions of one round.
*Cold* is from the start of the function's process to the end of its first answer; *its CPU* suffers less
from what else the machine does. *Warm* is the median of
the last 900 calls, seen by the client, the emulator's own time included. *CPU* is the process's user and
system time over these calls, per call. *Memory* is what it holds after the last one. Vendors and AWS are a
stand-in process on the same machine that answers at once. Each peer is built by `sam build` from its own
lock; *with bytecode* it is compiled as Trackgate's layer is. Peers write no log line and no metric per call,
take no idempotency key and have no queue behind them; Trackgate writes its line and its metrics.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.frame import peers
from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure, ratios
from benchmarks.frame.session import CALLS, Session, measured
from benchmarks.frame.stand_in import VENDOR
from benchmarks.frame.upstreams import Upstreams, running_upstreams
from tests.runtime.emulator import Emulator
from tools.errors import CommandError
from tools.places import EVENTS

OURS = "Trackgate"
QUEUED = "Trackgate, through the queue"
KEYED = "Trackgate, with an idempotency key"
BATCH = "Trackgate, a MyTracker batch of two"

SHIPPED = ", as shipped"
COMPILED = ", with bytecode"
POWERTOOLS = peers.POWERTOOLS.title
FASTAPI = peers.FASTAPI.title

WORST = {
    ("cold", POWERTOOLS + SHIPPED): 0.2,
    ("cold", POWERTOOLS + COMPILED): 0.5,
    ("warm", POWERTOOLS + COMPILED): 0.9,
    ("warm", FASTAPI + COMPILED): 0.9,
    ("cpu", POWERTOOLS + COMPILED): 0.9,
    ("cpu", FASTAPI + COMPILED): 0.9,
    ("rss", POWERTOOLS + SHIPPED): 0.65,
    ("rss", POWERTOOLS + COMPILED): 0.65,
}
"""The most that Trackgate may take of what a peer takes."""

NAMES = {
    "cold": "cold start",
    "cold_cpu": "its CPU",
    "warm": "warm call, p50",
    "cpu": "CPU per call",
    "rss": "memory",
}
COMPARED = ("cold", "warm", "cpu", "rss")
UNITS = {"rss": "MB"}
"""Milliseconds, except for these."""


@dataclass(frozen=True)
class Subject:
    """What is measured: how it is started, its n-th event, and the one request that each call must send."""

    name: str
    start: Callable[[], Emulator]
    event: Callable[[int], Mapping[str, Any]]
    sends: str = VENDOR


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    with running_upstreams(bench.folder / "stand-in.log") as upstreams:
        ours, theirs = list(_of_trackgate(bench, upstreams)), list(_of_peers(bench, upstreams))
        sessions = _in_turns(bench, [*ours, *theirs], upstreams)
    values = {
        name: {quantity: tuple(getattr(one, quantity) for one in found) for quantity in NAMES}
        for name, found in sessions.items()
    }
    for quantity in COMPARED:
        for other in (peer.name for peer in theirs):
            yield Figure(
                name=f"{NAMES[quantity]}, against {other}",
                values=ratios(values[OURS][quantity], values[other][quantity]),
                at_most=WORST.get((quantity, other)),
            )
    for way in (QUEUED, KEYED, BATCH):
        for quantity in ("warm", "cpu"):
            yield Figure(
                name=f"{NAMES[quantity]}: {way.removeprefix('Trackgate, ')}, against a direct call",
                values=ratios(values[way][quantity], values[OURS][quantity]),
            )
    for name, found in values.items():
        for quantity, shown in NAMES.items():
            yield Figure(name=shown, values=found[quantity], unit=UNITS.get(quantity, "ms"), of=name)


def _of_trackgate(bench: Bench, upstreams: Upstreams) -> Iterator[Subject]:
    session = json.loads((EVENTS / "onesignal" / "new_session.json").read_text())
    batch = json.loads((EVENTS / "mytracker" / "custom_event_batch.json").read_text())
    start = partial(bench.start, "OneSignalNewSession", upstreams.url)
    yield Subject(OURS, start, lambda number: session)
    queue = f"{upstreams.url}/000000000000/onesignal"
    yield Subject(
        QUEUED, partial(start, QUEUE=queue, DELIVERY="queued"), lambda number: session, "SendMessage"
    )
    yield Subject(
        KEYED, partial(start, RECORDS="records"), lambda number: _with_key(session, f"key-{number}")
    )
    yield Subject(
        BATCH, partial(bench.start, "MyTrackerCustomEventBatch", upstreams.url), lambda number: batch
    )


def _of_peers(bench: Bench, upstreams: Upstreams) -> Iterator[Subject]:
    event = json.loads((EVENTS / "onesignal" / "new_session.json").read_text())
    for peer in peers.ALL:
        log = bench.folder / f"{peer.name}.log"
        with bench.progress.step(f"build {peer.title}, and see that it answers"):
            shipped = peer.build(bench.folder / f"build-{peer.name}.log")
            compiled = peer.build_with_bytecode(bench.folder / f"build-{peer.name}.log")
            for task in (shipped, compiled):
                peers.prove(task, bench.runtime, upstreams, log)
        for task, how in ((shipped, SHIPPED), (compiled, COMPILED)):
            start = partial(peers.emulator, task, bench.runtime, upstreams.url, log)
            yield Subject(peer.title + how, start, lambda number: event)


def _with_key(event: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {
        **event,
        "headers": event["headers"] | {"Idempotency-Key": key},
        "multiValueHeaders": event["multiValueHeaders"] | {"Idempotency-Key": [key]},
    }


def _in_turns(bench: Bench, subjects: list[Subject], upstreams: Upstreams) -> dict[str, list[Session]]:
    """Every subject once per round, every other round backwards; a start before warms the disk's cache."""
    found: dict[str, list[Session]] = {subject.name: [] for subject in subjects}
    for subject in subjects:
        with subject.start() as emulator:
            emulator.invoke(subject.event(0))
    with bench.progress.step("call each") as detail:
        for number in range(bench.rounds):
            for subject in subjects[:: -1 if number % 2 else 1]:
                detail(f"round {number + 1} of {bench.rounds}, {subject.name}")
                before = upstreams.count(subject.sends)
                found[subject.name].append(measured(subject.start(), subject.event))
                if (sent := upstreams.count(subject.sends) - before) != CALLS:
                    raise CommandError(
                        f"{subject.name}: {CALLS} calls sent {sent} requests ({subject.sends})"
                    )
    return found
