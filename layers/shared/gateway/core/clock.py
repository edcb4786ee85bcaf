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
        self._monotonic, self._wall = monotonic, wall
        self._at, self._wall_at = monotonic(), wall()
        self._passed = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Never less than at the reading before."""
        with self._lock:
            at, wall_at = self._monotonic(), self._wall()
            self._passed += max(at - self._at, wall_at - self._wall_at)
            self._at, self._wall_at = at, wall_at
            return self._passed


passed = Clock()
"""The process's own, for everything that is kept for a while or closed when it was idle."""
