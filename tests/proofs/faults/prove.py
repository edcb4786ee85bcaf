"""Runs the script: publish N events, make everything fail, and verify what became of each of the N."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.proofs.faults.aws_proxy import Seen
from tests.proofs.faults.bench import Bench, marked
from tests.proofs.faults.events import KINDS, Event, events_of
from tests.proofs.faults.judge import Evidence, Judge, Verdict
from tests.proofs.faults.kinds import Kind
from tests.proofs.faults.stages import Stage, Together, Upstream

DRAIN_SECONDS = 240
RETRIES = 1


@dataclass
class Proof:
    """What a run showed. `fired`: how often each fault of each stage was met; `left`: messages that were
    still queued when the patience was over; `malformed`: requests that no vendor's validator would take;
    `unclaimed`: acknowledged events with a key of whose record nothing was seen."""

    run: int
    seed: int
    events: int
    seconds: float = 0
    fired: dict[str, dict[str, int]] = field(default_factory=dict)
    killed: int = 0
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    left: int = 0
    malformed: int = 0
    unclaimed: list[Event] = field(default_factory=list)

    @property
    def never_fired(self) -> list[str]:
        """Faults that were scripted and not met: a run with one of these proves nothing."""
        return [
            f"{stage} · {fault}"
            for stage, faults in self.fired.items()
            for fault, times in faults.items()
            if not times
        ]

    @property
    def failures(self) -> list[str]:
        """Everything that speaks against the run or against the gateway, in words."""
        found = [f"never fired: {fault}" for fault in self.never_fired]
        for row, verdict in self.verdicts.items():
            for what, events in (
                ("acknowledged and lost", verdict.lost),
                ("delivered again although it was recorded", verdict.recorded_twice),
                ("delivered again for no reason that was found", verdict.unexplained),
                ("delivered more often than MaxUnknownTries allows", verdict.too_often),
                ("delivered without the call that goes first", verdict.unprepared),
            ):
                found += [f"{row}: {what}: {event.kind.name} {event.mark}" for event in events]
        if self.malformed:
            found.append(f"{self.malformed} malformed requests upstream")
        found += [f"no record was seen: {event.kind.name} {event.mark}" for event in self.unclaimed]
        return found


def prove(
    bench: Bench,
    script: Sequence[Stage],
    *,
    events: int,
    seed: int,
    kinds: Sequence[Kind] = KINDS,
    say: Callable[[str], None] = lambda line: None,
) -> Proof:
    """Send `events` of these `kinds` through the stages, wait until the queues are empty, and judge."""
    begun = time.monotonic()
    proof = Proof(bench.run, seed, events)
    queueing = bench.queueing
    whole = sum(stage.share for stage in script)
    number = 0
    for index, stage in enumerate(script):
        count = events - number if index == len(script) - 1 else round(events * stage.share / whole)
        # One more than a multiple of the rows: apps that start together begin with different ones.
        chosen = [kind for kind in kinds if stage.only(kind)]
        rows = len({kind.row for kind in chosen})
        subjects = range(index * 100_000, index * 100_000 + rows * max(2, count // (12 * rows)) + 1)
        sent = [
            # Without a queue a door is closed, and a batch has no answer to replay.
            event if event.kind.system in queueing and not stage.together else replace(event, by_door=False)
            for event in events_of(bench.run, range(number, number + count), subjects, chosen)
        ]
        number += count
        started = time.monotonic()
        with _failing(bench, stage, proof):
            _send(bench, stage, sent)
            time.sleep(stage.linger)
        met = ", ".join(f"{name} {times}" for name, times in proof.fired[stage.name].items())
        seconds = time.monotonic() - started
        say(f"{stage.name}: {count} events in {seconds:.0f} s; {met or 'nothing fails'}")
    proof.left = bench.drain(DRAIN_SECONDS)
    # An app with a key may ask again, and be told; by now the leases of those that died are over.
    untold = [
        event
        for event, tried in bench.clients.attempts.items()
        if event.key and not any(attempt.acknowledged or attempt.delivery == "rejected" for attempt in tried)
    ]
    bench.clients.once_more(untold)
    proof.left = bench.drain(DRAIN_SECONDS)
    say(f"drained: {proof.left} left; {len(untold)} events asked for once more")
    evidence = gather(bench)
    judge = Judge(evidence)
    proof.verdicts = judge.by_row(bench.clients.attempts)
    proof.killed = len(bench.proxy.killed)
    proof.malformed = bench.malformed()
    proof.unclaimed = [
        event
        for event, tried in bench.clients.attempts.items()
        if event.key and any(attempt.acknowledged for attempt in tried) and not judge.claimed(event)
    ]
    proof.seconds = time.monotonic() - begun
    return proof


def gather(bench: Bench) -> Evidence:
    """Everything that a judge needs."""
    seen = list(bench.proxy.seen)
    queued: dict[int, list[Seen]] = {}
    records: dict[int, set[str]] = {}
    queues = set(bench.queues.values())
    for call in seen:
        for text in call.asked.texts if call.asked.resource in queues else ():
            for number in marked(bench.marks, text):
                queued.setdefault(number, []).append(call)
                records.setdefault(number, set()).add(bench.key(text))
    return Evidence(
        effects=bench.effects(),
        letters=bench.letters(),
        left=bench.left(),
        expired=bench.expired(),
        records=records,
        seen=seen,
        queued=queued,
        killed=list(bench.proxy.killed),
        shutting=list(bench.door.shutting),
        functions=bench.deployed,
    )


@contextmanager
def _failing(bench: Bench, stage: Stage, proof: Proof) -> Iterator[None]:
    upstreams = [fault for fault in stage.faults if isinstance(fault, Upstream)]
    for number, upstream in enumerate(upstreams):
        upstream.once(bench, number)
    for fault in stage.faults:
        fault.start(bench)
    try:
        yield
    finally:
        proof.fired[stage.name] = {fault.name: fault.stop(bench) for fault in stage.faults}


def _send(bench: Bench, stage: Stage, events: list[Event]) -> None:
    if not stage.together:
        bench.clients.send(events, RETRIES)
        return
    for event in events:
        if event.key or event.kind.naturally_once:
            bench.clients.send_together(event, stage.together)
        else:
            bench.clients.send([event])
    met = sum(
        attempt.replayed or attempt.status == 409
        for event in events
        for attempt in bench.clients.attempts[event]
    )
    for fault in stage.faults:
        if isinstance(fault, Together):
            fault.met = met
