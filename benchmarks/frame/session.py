"""One execution environment from its start to its thousandth call: what a client waits, and what it costs."""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.runtime.emulator import ANSWER_SECONDS, Emulator
from tools.errors import CommandError

CALLS = 1000
WARM_UP = 100
"""The first calls of a session are no warm ones: Python specializes what it repeats."""

PATH = "/2015-03-31/functions/function/invocations"


@dataclass(frozen=True, kw_only=True)
class Session:
    """What one session measured. `cold`: from the start of the function's process to the end of its first
    answer, `cold_cpu`: the CPU that it used until then; `warm`: the median of the later calls; `cpu`: per
    call, user and system, all threads; these in milliseconds. `rss`: megabytes of resident memory after the
    last call."""

    cold: float
    cold_cpu: float
    warm: float
    cpu: float
    rss: float


def measured(emulator: Emulator, event: Callable[[int], Mapping[str, Any]], calls: int = CALLS) -> Session:
    """Start the function and call it; `event` makes the n-th event.

    Raises CommandError if an answer is no success.
    """
    with emulator, Caller(emulator) as caller:
        # The emulator starts the function's process when the first event comes.
        cold = caller.call(event(0))
        process = FunctionProcess.of(emulator)
        cold_cpu = process.cpu_seconds()
        for number in range(1, WARM_UP):
            caller.call(event(number))
        before = process.cpu_seconds()
        waits = [caller.call(event(number)) for number in range(WARM_UP, calls)]
        spent = process.cpu_seconds() - before
        return Session(
            cold=cold * 1e3,
            cold_cpu=cold_cpu * 1e3,
            warm=statistics.median(waits) * 1e3,
            cpu=spent / len(waits) * 1e3,
            rss=process.resident_megabytes(),
        )


class Caller:
    """A client of one emulator, over a connection that stays open."""

    def __init__(self, emulator: Emulator) -> None:
        """Connects with the first call."""
        self._connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=ANSWER_SECONDS)
        self._log = emulator.log

    def __enter__(self) -> Self:
        """See Caller."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def call(self, event: Mapping[str, Any]) -> float:
        """Seconds from the request to the end of the answer. Raises CommandError unless it is a 2xx."""
        return self.invoke(event)[0]

    def invoke(self, event: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
        """The same, and the answer."""
        body = json.dumps(event).encode()
        started = time.perf_counter()
        self._connection.request("POST", PATH, body)
        received = self._connection.getresponse().read()
        seconds = time.perf_counter() - started
        answer = json.loads(received)
        if not 200 <= answer.get("statusCode", 200) < 300 or "errorType" in answer:
            raise CommandError(f"the function answered {received[:300]!r}: see {self._log}")
        return seconds, answer


@dataclass(frozen=True)
class FunctionProcess:
    """The function's own process, which the emulator started."""

    pid: int

    @classmethod
    def of(cls, emulator: Emulator) -> FunctionProcess:
        """Known once the function was called."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            if parent == emulator.pid:
                return cls(int(folder.name))
        raise CommandError(f"the emulator runs no function: see {emulator.log}")

    def cpu_seconds(self) -> float:
        """User and system time of all its threads, ended ones too. Raises OSError if the process has ended.

        By its own clock, in nanoseconds: `/proc/<pid>/stat` counts steps of 10 ms, and a session of 200 calls
        is less than 20 of them.
        """
        clock = ctypes.c_int()
        if error := ctypes.CDLL(None).clock_getcpuclockid(self.pid, ctypes.byref(clock)):
            raise OSError(error, os.strerror(error))
        return time.clock_gettime(clock.value)

    def resident_megabytes(self) -> float:
        """Memory that it holds, in units of 10⁶ bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
