"""A batch door beside the single call of the same endpoint: the CPU that an event takes in either."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure, ratios
from benchmarks.frame.session import WARM_UP, Caller, FunctionProcess
from benchmarks.frame.upstreams import Upstreams, running_upstreams
from tools.errors import CommandError

SINGLES = 500
BATCH = 500
BATCHES = 10
WARM_BATCHES = 2

MOST = 0.1
"""Of the single call's CPU."""


@dataclass(frozen=True)
class Door:
    """An endpoint with a batch door: its function, an event of a single call, the door's path, an item of a
    batch, and further settings of the function."""

    title: str
    function: str
    single: Mapping[str, Any]
    path: str
    item: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def batch(self) -> dict[str, Any]:
        """500 items, as API Gateway hands them over."""
        headers = {"Content-Type": "application/json"}
        return {
            **self.single,
            "resource": self.path,
            "path": self.path,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "body": json.dumps([dict(self.item)] * BATCH),
        }

    def figures(self, bench: Bench) -> Iterator[Figure]:
        """The ratio in each round, and what is behind it."""
        title = f"batch door, {self.title}"
        single, batch = [], []
        with (
            bench.progress.step(f"call the {title}") as detail,
            running_upstreams(bench.folder / "doors.log") as upstreams,
        ):
            for number in range(bench.rounds):
                detail(f"round {number + 1} of {bench.rounds}")
                single.append(self._singles(bench, upstreams))
                batch.append(self._batches(bench, upstreams))
        ours, theirs = tuple(batch), tuple(single)
        name = f"{title}: CPU per event, against the single call"
        yield Figure(name=name, values=ratios(ours, theirs), at_most=MOST)
        yield Figure(name="CPU per event", values=theirs, unit="ms", of=f"single call, {self.title}")
        yield Figure(name="CPU per event", values=ours, unit="ms", of=title)

    def _singles(self, bench: Bench, upstreams: Upstreams) -> float:
        """Milliseconds of CPU per call."""
        start = bench.start(self.function, upstreams.url, **self.settings)
        with start as emulator, Caller(emulator) as caller:
            for _ in range(WARM_UP):
                caller.call(self.single)
            process = FunctionProcess.of(emulator)
            before = process.cpu_seconds()
            for _ in range(SINGLES):
                caller.call(self.single)
            return (process.cpu_seconds() - before) / SINGLES * 1e3

    def _batches(self, bench: Bench, upstreams: Upstreams) -> float:
        """Milliseconds of CPU per item."""
        start = bench.start(self.function, upstreams.url, **self.settings)
        with start as emulator, Caller(emulator) as caller:
            for _ in range(WARM_BATCHES):
                self._accepted(caller)
            process = FunctionProcess.of(emulator)
            before = process.cpu_seconds()
            for _ in range(BATCHES):
                self._accepted(caller)
            return (process.cpu_seconds() - before) / (BATCHES * BATCH) * 1e3

    def _accepted(self, caller: Caller) -> None:
        _, answer = caller.invoke(self.batch)
        body = answer["body"]
        if answer["statusCode"] != 200 or len(json.loads(body).get("items", ())) != BATCH:
            raise CommandError(f"a batch of {BATCH} was answered {answer['statusCode']}: {body[:200]}")
