"""What `--deep` wrote, and how each of it is removed again, whatever ends the command."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.errors import UpstreamError
from tools.errors import CommandError
from tools.operator.aws_errors import Failures, explained
from tools.operator.doctor.report import Row, finding, ok

type Remove = Callable[[], str]
"""Removes it; the text says what is left over and how to remove that, empty for nothing."""


class Traces:
    """Added before each write, so that an interruption in between leaves none unknown."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self._removals: dict[str, Remove] = {}

    def add(self, what: str, remove: Remove) -> None:
        """`remove` may be called where nothing was written after all."""
        self._removals[what] = remove

    def remove(self) -> Iterator[Row]:
        """Remove all, the newest first; one that fails does not keep another."""
        while self._removals:
            what, remove = self._removals.popitem()
            try:
                left = remove()
            except (*Failures, CommandError, UpstreamError, OSError, KeyboardInterrupt) as error:
                left = f"not removed: {_said(error)}"
            name, gone = f"removed: {what}", "nothing left"
            yield finding(name, gone, "left over", left) if left else ok(name, gone, gone)


def _said(error: BaseException) -> str:
    if isinstance(error, UpstreamError):
        return error.reason
    return explained(error) if isinstance(error, Exception) else "interrupted"


@contextmanager
def ended_gently() -> Iterator[None]:
    """SIGTERM, which ends a cancelled pipeline, ends the block as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
