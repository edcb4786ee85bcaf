"""Copies the functions' logs into a file, because the local AWS forgets them when it stops."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import EndpointConnectionError  # type: ignore[import-untyped]

from tools.local.aws import LocalAws

OVERLAP_MILLISECONDS = 2000

# The local AWS's own lines around each call, which measure nothing.
_AROUND = ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ")


class FunctionLogs:
    """Copies one log group into one file for the length of a `with` block."""

    def __init__(self, aws: LocalAws, group: str, file: Path) -> None:
        """`file` is overwritten."""
        self._client = aws.client("logs")
        self._group = group
        self._file = file
        self._since = 0
        self._written: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="function logs", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text("")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the rest, if the local AWS is still running."""
        self._stopped.set()
        self._thread.join()
        with suppress(EndpointConnectionError):
            self.catch_up()

    def catch_up(self) -> None:
        """Write everything logged so far."""
        with self._lock:
            while (events := self._events()) and self._write(events):
                pass

    def _follow(self) -> None:
        pause = 0.5
        while not self._stopped.wait(pause):
            begun = time.monotonic()
            with suppress(EndpointConnectionError):
                self.catch_up()
            # Each call of a function has a stream of its own there, and every request reads them all: after
            # many calls, copying must not slow down the calls themselves.
            pause = max(0.5, 20 * (time.monotonic() - begun))

    def _events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.filter_log_events(
            logGroupName=self._group, startTime=max(0, self._since)
        )["events"]
        return found

    def _write(self, events: list[dict[str, Any]]) -> bool:
        """Append new lines; whether there were any. All lines of a stream have the same timestamp."""
        counted: dict[str, int] = {}
        new = False
        with self._file.open("a") as file:
            for event in events:
                stream = event["logStreamName"]
                counted[stream] = counted.get(stream, 0) + 1
                if counted[stream] <= self._written.get(stream, 0):
                    continue
                new = True
                if not event["message"].startswith(_AROUND):
                    file.write(event["message"] + "\n")
        # Calls that end at the same time may be logged out of order.
        self._since = max(event["timestamp"] for event in events) - OVERLAP_MILLISECONDS
        recent = {event["logStreamName"] for event in events if event["timestamp"] >= self._since}
        self._written = {stream: counted[stream] for stream in recent}
        return new
