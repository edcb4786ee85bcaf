"""Looks after what changes without an event: credentials, queues, dead letters and keys."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tools.console.server import LOGGER
from tools.console.state import State
from tools.errors import CommandError

PAUSE_SECONDS = 3
"""How late a new credential may be hidden, and a changed queue shown."""

STOP_SECONDS = 0.5


class Watcher:
    """Reads the state for the length of a `with` block, the queues only while a page is open."""

    def __init__(
        self,
        state: State,
        *,
        is_watched: Callable[[], bool],
        has_new_keys: Callable[[], None],
        publish: Callable[[str], None],
    ) -> None:
        """`is_watched`: whether a page is open. `publish`: is told `state` or `rates` when it may differ."""
        self._state = state
        self._is_watched, self._has_new_keys, self._publish = is_watched, has_new_keys, publish
        self.latest: dict[str, Any] | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="console's watcher", daemon=True)

    def __enter__(self) -> Self:
        """Learn the credentials before anything is shown; then go on in a thread."""
        self._state.learn()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop. A call in progress is not waited for long: what it reads is of no use any more."""
        self._stopped.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            try:
                # What cannot be read now is read next time: the run may be stopping, or under load.
                with suppress(BotoCoreError, ClientError, CommandError, OSError):
                    self._look()
            except Exception:
                # Without this thread no new credential would be hidden.
                logging.getLogger(LOGGER).exception("the run's state was not read")

    def _look(self) -> None:
        if self._state.learn():
            self._has_new_keys()
        if self._is_watched():
            self._publish("rates")
            found = self._state.data()
            if found != self.latest:
                self.latest = found
                self._publish("state")
