"""Removal of everything that `--deep` wrote, whatever ends the command."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.errors import UpstreamError
from tools.errors import CommandError
from tools.failures.aws import Failures, explained
from tools.operator.doctor.report import Row, finding, ok

type Remove = Callable[[], str]
"""Removes something that was written; returns what is left over and how to remove that, or nothing."""


class Cleanup:
    """Removals, each added before its write, so that an interruption leaves nothing behind."""

    def __init__(self) -> None:
        """Nothing has been written yet."""
        self._removals: dict[str, Remove] = {}

    def add(self, what: str, remove: Remove) -> None:
        """`remove` may be called although nothing was written."""
        self._removals[what] = remove

    def remove(self) -> Iterator[Row]:
        """Remove everything, newest first; a failure does not stop the others."""
        while self._removals:
            what, remove = self._removals.popitem()
            try:
                left = remove()
            except (*Failures, CommandError, UpstreamError, OSError, KeyboardInterrupt) as error:
                left = f"not removed: {_reason(error)}"
            name, gone = f"removed: {what}", "nothing left"
            yield finding(name, gone, "left over", left) if left else ok(name, gone, gone)


def _reason(error: BaseException) -> str:
    if isinstance(error, UpstreamError):
        return error.reason
    return explained(error) if isinstance(error, Exception) else "interrupted"


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Within the block, SIGTERM (which ends a cancelled pipeline) raises KeyboardInterrupt, like Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
