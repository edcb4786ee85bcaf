"""How fast a worker empties a queue when its vendor takes 200 ms per request and DynamoDB 5 ms per record.

The built worker of OneSignal runs in the emulator, and gets batches of 50 events of 50 players, as its own
endpoint queues them, one batch after the other over one connection. A round starts a worker, gives it a
batch to warm up, and measures four. It does the same with a worker that sends one event at a time
(`SendsAtOnce=1`), and measures one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure, ratios
from benchmarks.frame.session import Caller, FunctionProcess
from benchmarks.frame.stand_in import VENDOR
from benchmarks.frame.upstreams import running_upstreams
from benchmarks.frame.waiting import batches, queued, worked_off
from tools.errors import CommandError
from tools.places import EVENTS

BATCH = 50
BATCHES = 4
VENDOR_SECONDS = 0.2
RECORD_SECONDS = 0.005

LEAST = 45
"""Events per second and worker."""

MOST_CPU = 1
"""CPU per event, against a worker that sends one event after the other."""


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    event = json.loads((EVENTS / "onesignal" / "new_session.json").read_text())
    players = (f"{number:08x}-3289-4651-ad15-3b995718badd" for number in range(BATCH * (BATCHES + 1)))
    events = (event | {"body": json.dumps({"player_id": player})} for player in players)
    with bench.progress.step("empty a queue by one worker") as detail:
        messages = queued(bench, "OneSignalNewSession", events)
        rates, spent, spent_in_turn = [], [], []
        for number in range(bench.rounds):
            detail(f"round {number + 1} of {bench.rounds}")
            rate, cpu = _round(bench, messages)
            rates.append(rate)
            spent.append(cpu)
            spent_in_turn.append(_round(bench, messages[: 2 * BATCH], SENDS_AT_ONCE="1")[1])
    yield Figure(
        name="drain: events per second and worker, vendor of 200 ms", values=tuple(rates), at_least=LEAST
    )
    yield Figure(
        name="drain: CPU per event, against one event after the other",
        values=ratios(tuple(spent), tuple(spent_in_turn)),
        at_most=MOST_CPU,
    )
    yield Figure(name="CPU per event", values=tuple(spent), unit="ms", of="a worker that empties a queue")
    yield Figure(
        name="CPU per event", values=tuple(spent_in_turn), unit="ms", of="the same, one event after the other"
    )


def _round(bench: Bench, messages: list[str], **variables: str) -> tuple[float, float]:
    """Events per second, and milliseconds of CPU per event."""
    with (
        running_upstreams(
            bench.folder / "slow.log", vendor_seconds=VENDOR_SECONDS, record_seconds=RECORD_SECONDS
        ) as upstreams,
        bench.start("OneSignalRedeliver", upstreams.url, **variables) as emulator,
        Caller(emulator) as caller,
    ):
        first, *others = batches(messages, BATCH)
        worked_off(caller, first)
        process = FunctionProcess.of(emulator)
        before = process.cpu_seconds()
        seconds = sum(worked_off(caller, batch) for batch in others)
        spent = process.cpu_seconds() - before
        if (sent := upstreams.count(VENDOR)) != len(messages):
            raise CommandError(f"{len(messages)} messages were {sent} requests to the vendor")
    events = BATCH * len(others)
    return events / seconds, spent / events * 1e3
