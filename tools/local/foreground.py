"""The local run in a terminal: starts, prints the addresses, and stops at Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FrameType
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tools.errors import CommandError
from tools.failures import disk
from tools.local import running, summary
from tools.local.settings import from_environment
from tools.local.stack import LocalStack
from tools.progress import Progress


class _Stop(BaseException):
    """A signal asks the run to end. A BaseException, so that no `except Exception` swallows it."""


_hurry = threading.Event()


def _stop_once(number: int, frame: FrameType | None) -> None:
    del number, frame
    # Further signals must not interrupt the shutdown: they only end its waiting.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, frame: _hurry.set())
    raise _Stop


class Opened(Protocol):
    """A console that is served."""

    @property
    def entrance(self) -> str:
        """The address to open in a browser."""


type Console = Callable[[LocalStack], AbstractContextManager[Opened]]
"""Serves the console of a running stack for the length of a `with` block."""


def run(console: Console) -> int:
    """Start, print the addresses, wait, stop; 1 if it could not start."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stop_once)
    progress = Progress()
    try:
        _run(from_environment(os.environ, progress, _hurry), console, progress)
    except _Stop:
        pass
    except (CommandError, OSError) as error:
        said = disk.sentence(error) if isinstance(error, OSError) else str(error)
        if said is None:
            raise
        progress.console.print(said, style="red", markup=False, soft_wrap=True)
        return 1
    return 0


def _run(stack: LocalStack, console: Console, progress: Progress) -> None:
    try:
        with stack, console(stack) as opened:
            running.tell(stack.places, stack.url)
            progress.console.out("\n".join(summary.lines(stack, opened.entrance)), highlight=False)
            sys.stdout.flush()
            signal.pause()
    except (BotoCoreError, ClientError) as error:
        log = stack.places.logs / "ministack.log"
        raise CommandError(f"the local AWS does not work as it should ({error}): see {log}") from error
