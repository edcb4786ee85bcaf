"""How much time has passed in this process, the time that it spent frozen included."""

import threading
import time
from collections.abc import Callable


class Clock:
    """Seconds since it was made: of each interval between two readings, the larger of what the monotonic and
    the wall clock say.

    Lambda freezes a function between two calls, and the monotonic clock may stand still meanwhile; the wall
    clock goes on, but may be set back.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        """Both return seconds."""
        self._clocks = (monotonic, wall)
        self._read = (monotonic(), wall())
        self._passed = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Never less than at the reading before."""
        with self._lock:
            now = (self._clocks[0](), self._clocks[1]())
            self._passed += max(after - before for after, before in zip(now, self._read, strict=True))
            self._read = now
            return self._passed


passed = Clock()
"""The process's own, for everything that is kept for a while or closed when it was idle."""
