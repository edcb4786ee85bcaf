"""Polling for what AWS shows with a delay: a log line, a metric, a row, a dead letter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Polling:
    """Looks again `every` seconds; `until` (monotonic) is the end of all waiting."""

    until: float
    every: float

    def wait[Found](self, look: Callable[[], Found | None], *, seconds: float) -> Found | None:
        """What `look` finds within `seconds`, or None."""
        end = min(self.until, time.monotonic() + seconds)
        while True:
            if (found := look()) is not None:
                return found
            left = end - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(self.every, left))
