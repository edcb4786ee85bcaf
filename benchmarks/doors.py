"""What an event costs that comes through a batch door, with 500 in a call, against the single call.

The built functions run in the emulator: OneSignal's `new-session`, whose batches are queued by ten, and
*track*'s `session`, whose batches go to Firehose as they are. Vendors and AWS are a stand-in that answers at
once. A round measures the CPU of 500 single calls, then that of ten batches, each after a warm-up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure, ratios
from benchmarks.frame.session import WARM_UP, Caller, FunctionProcess
from benchmarks.frame.upstreams import Upstreams, running_upstreams
from benchmarks.frame.waiting import queue
from tools.errors import CommandError
from tools.places import EVENTS

SINGLES = 500
BATCH = 500
BATCHES = 10
WARM_BATCHES = 2

MOST = 0.1
"""Of the single call's CPU."""


@dataclass(frozen=True)
class Door:
    """An endpoint with a batch door: its function, its sample event, an item of a batch, its settings."""

    title: str
    function: str
    event: str
    item: Mapping[str, str]
    settings: Mapping[str, str]

    @property
    def single(self) -> dict[str, Any]:
        """The sample event."""
        return dict(json.loads((EVENTS / f"{self.event}.json").read_text()))

    @property
    def batch(self) -> dict[str, Any]:
        """500 items, as API Gateway hands them over."""
        path = f"/batch/{self.event.replace('_', '-')}"
        headers = {"Content-Type": "application/json"}
        return self.single | {
            "resource": path,
            "path": path,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "body": json.dumps([dict(self.item)] * BATCH),
        }


DOORS = (
    Door(
        "OneSignal",
        "OneSignalNewSession",
        "onesignal/new_session",
        {"player_id": "fe3bcc9f-3289-4651-ad15-3b995718badd"},
        {},
    ),
    Door(
        "track, into Firehose",
        "TrackSession",
        "track/session",
        {"Region": "BR", "SessionID": "7f3c9a", "RemoteIP": "192.0.2.7", "SessionType": "start"},
        {"EVENT_STORE": "firehose://bench"},
    ),
)


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    for door in DOORS:
        title = f"batch door, {door.title}"
        single, batch = [], []
        with (
            bench.progress.step(f"call a {title}") as detail,
            running_upstreams(bench.folder / "doors.log") as upstreams,
        ):
            for number in range(bench.rounds):
                detail(f"round {number + 1} of {bench.rounds}")
                single.append(_singles(bench, door, upstreams))
                batch.append(_batches(bench, door, upstreams))
        ours, theirs = tuple(batch), tuple(single)
        yield Figure(
            name=f"{title}: CPU per event, against the single call",
            values=ratios(ours, theirs),
            at_most=MOST,
        )
        yield Figure(name="CPU per event", values=theirs, unit="ms", of=f"single call, {door.title}")
        yield Figure(name="CPU per event", values=ours, unit="ms", of=title)


def _singles(bench: Bench, door: Door, upstreams: Upstreams) -> float:
    """Milliseconds of CPU per call."""
    settings = {"QUEUE": queue(upstreams), **door.settings}
    with bench.start(door.function, upstreams.url, **settings) as emulator, Caller(emulator) as caller:
        for _ in range(WARM_UP):
            caller.call(door.single)
        process = FunctionProcess.of(emulator)
        before = process.cpu_seconds()
        for _ in range(SINGLES):
            caller.call(door.single)
        return (process.cpu_seconds() - before) / SINGLES * 1e3


def _batches(bench: Bench, door: Door, upstreams: Upstreams) -> float:
    """Milliseconds of CPU per item."""
    settings = {"QUEUE": queue(upstreams), **door.settings}
    with bench.start(door.function, upstreams.url, **settings) as emulator, Caller(emulator) as caller:
        for _ in range(WARM_BATCHES):
            _accepted(caller, door)
        process = FunctionProcess.of(emulator)
        before = process.cpu_seconds()
        for _ in range(BATCHES):
            _accepted(caller, door)
        return (process.cpu_seconds() - before) / (BATCHES * BATCH) * 1e3


def _accepted(caller: Caller, door: Door) -> None:
    _, answer = caller.invoke(door.batch)
    items = json.loads(answer["body"])["items"]
    if answer["statusCode"] != 200 or len(items) != BATCH:
        raise CommandError(f"a batch of {BATCH} was answered {answer['statusCode']}: {answer['body'][:300]}")
