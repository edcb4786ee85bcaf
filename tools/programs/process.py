"""Processes that the tools start: each has a log, and each is ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.errors import CommandError

PARENT_WATCHDOG = Path(__file__).with_name("parent_watchdog.py")
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens URLs on this machine, whatever proxy the environment names."""

START_SECONDS = 30
STOP_SECONDS = 15
TAIL_LINES = 30
_STOP_SEEN_SECONDS = 0.2
_ROOM = 1024 * 1024
"""Bytes; with less, what a program wrote last is probably missing."""


class Service:
    """A Python module that runs beside this process for the length of a `with` block, and ends with it."""

    def __init__(
        self,
        name: str,
        module: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        python: Path = Path(sys.executable),
        directory: Path | None = None,
        holds: int | None = None,
    ) -> None:
        """`module`: its name or a file's path, and arguments; `environment`: complete, nothing is inherited.

        `holds`: a file that it keeps open, with its lock, should this process be killed first.
        """
        self.name = name
        self._command = [str(python), str(PARENT_WATCHDOG), *module]
        self._log = log
        self._environment = dict(environment)
        self._directory = directory
        self._holds = () if holds is None else (holds,)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it in a session of its own: Ctrl-C reaches only this process, which then ends it in order."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._directory,
                pass_fds=self._holds,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send SIGTERM, and after a while SIGKILL to whatever is left of its session."""
        process = self._process
        if process is None:
            return
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def wait_for(self, url: str) -> None:
        """Wait until a GET of `url` returns 200. Raises CommandError if it ends instead, or after 30 s."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            if _answers(url):
                return
            time.sleep(0.05)
        raise CommandError(f"{self.name} did not answer at {url} within {START_SECONDS} s: see {self._log}")

    def check(self) -> None:
        """Raises CommandError with the end of its log if it has ended."""
        if self._process is not None and self._process.poll() is not None:
            raise CommandError(f"{self.name} exited with {self._process.returncode}:\n{tail(self._log)}")


def run(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path,
    stop: threading.Event | None = None,
) -> None:
    """Run a command, with its output in `log`. Raises CommandError with the end of the log if it fails.

    An interrupt ends the command and its children; so does `stop`: signals interrupt only the main thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=directory,
            start_new_session=True,
        )
        try:
            _wait(process, stop)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            raise
    if process.returncode:
        raise CommandError(f"`{' '.join(command)}` failed ({process.returncode}):\n{tail(log)}")


def _wait(process: subprocess.Popen[bytes], stop: threading.Event | None) -> None:
    if stop is None:
        process.wait()
        return
    while True:
        try:
            process.wait(_STOP_SEEN_SECONDS)
            return
        except subprocess.TimeoutExpired:
            if stop.is_set():
                raise CommandError("stopped") from None


def _answers(url: str) -> bool:
    try:
        with DIRECT.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def tail(log: Path) -> str:
    """The last lines of a log, its path, and what may have kept the log itself from being written."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    full = shutil.disk_usage(log.parent).free < _ROOM
    hint = [f"the disk of {log.parent} is full: free some space"] if full else []
    return "\n".join([*lines, f"(full log: {log})", *hint])
