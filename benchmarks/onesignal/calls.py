"""Trackgate's `new-session` beside peers that do the same, each in the Lambda runtime emulator.

A session starts a function three times, calls the last one 1,000 times over one connection, and ends it. The
sessions take turns, so that the machine's other load affects all alike, and a ratio compares two sessions of
one round. *Cold* is from the start of the function's process to the end of its first answer, the median of
the three starts; *its CPU* depends less on the machine's other load. *Warm* is the median of the last 900
calls, seen by the client, the emulator's own time included. *CPU* is the process's user and system time over
these calls, per call. *Memory* is what the process holds after the last one. Vendors and AWS are a stand-in
process on the same machine that answers at once. Each peer is built by `sam build` from its own lock; *with
bytecode* it is compiled as Trackgate's layer is. Peers write no log line and no metric per call, take no
idempotency key and have no queue behind them; Trackgate writes its line and its metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from benchmarks.frame import peers
from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure, ratios
from benchmarks.frame.turns import NAMES, Subject, behind, in_turns
from benchmarks.frame.upstreams import Upstreams, running_upstreams
from benchmarks.onesignal.comparison import EVENT, PEER_EVENT, VARIABLES, prove

OURS = "Trackgate"
QUEUED = "Trackgate, through the queue"
KEYED = "Trackgate, with an idempotency key"

SHIPPED = ", as shipped"
COMPILED = ", with bytecode"
POWERTOOLS = peers.POWERTOOLS.title
FASTAPI = peers.FASTAPI.title

COMPARED = ("cold", "warm", "cpu", "rss")
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


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    with running_upstreams(bench.folder / "stand-in.log") as upstreams:
        ours, theirs = list(_of_trackgate(bench, upstreams)), list(_of_peers(bench, upstreams))
        values = in_turns(bench, [*ours, *theirs], upstreams)
    for quantity in COMPARED:
        for other in (peer.name for peer in theirs):
            yield Figure(
                name=f"{NAMES[quantity]}, against {other}",
                values=ratios(values[OURS][quantity], values[other][quantity]),
                at_most=WORST.get((quantity, other)),
            )
    for way in (QUEUED, KEYED):
        for quantity in ("warm", "cpu"):
            yield Figure(
                name=f"{NAMES[quantity]}: {way.removeprefix('Trackgate, ')}, against a direct call",
                values=ratios(values[way][quantity], values[OURS][quantity]),
            )
    yield from behind(values)


def _of_trackgate(bench: Bench, upstreams: Upstreams) -> Iterator[Subject]:
    start = partial(bench.start, "OneSignalNewSession", upstreams.url)
    queued = partial(start, DELIVERY="queued")
    yield Subject(OURS, start, lambda number: EVENT)
    yield Subject(QUEUED, queued, lambda number: EVENT, sends="SendMessage")
    yield Subject(KEYED, start, lambda number: _with_key(f"key-{number}"))


def _of_peers(bench: Bench, upstreams: Upstreams) -> Iterator[Subject]:
    for peer in peers.ALL:
        log = bench.folder / f"{peer.name}.log"
        with bench.progress.step(f"build {peer.title}, and see that it answers"):
            shipped = peer.build(bench.folder / f"build-{peer.name}.log")
            compiled = peer.build_with_bytecode(bench.folder / f"build-{peer.name}.log")
            for task in (shipped, compiled):
                prove(task, bench.runtime, upstreams, log)
        for task, how in ((shipped, SHIPPED), (compiled, COMPILED)):
            start = partial(peers.emulator, task, bench.runtime, upstreams.url, VARIABLES, log)
            yield Subject(peer.title + how, start, lambda number: PEER_EVENT)


def _with_key(key: str) -> Mapping[str, Any]:
    return {
        **EVENT,
        "headers": EVENT["headers"] | {"Idempotency-Key": key},
        "multiValueHeaders": EVENT["multiValueHeaders"] | {"Idempotency-Key": [key]},
    }
