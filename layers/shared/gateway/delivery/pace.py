"""How fast the sends of one lane go: a worker adapts by itself to what the upstream accepts."""

import math
import threading
from collections.abc import Callable

from gateway.core.clock import passed
from gateway.core.errors import NotYet, UpstreamError
from gateway.core.reply import Reply

PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
"""A 429 pauses the lane for at most so long: it may be about one user, and its own message waits longer."""


class Pace:
    """A window of sends in progress, and their rate. Threads share it.

    Each success widens the window, by one for every window of successes, up to `most`. A 429 halves it, once
    for all sends that were in progress, and pauses the lane. A turn whose send is not made after all is lost:
    given back, it could let two begin at once.
    """

    def __init__(
        self, most: int, *, per_second: float = 0, clock: Callable[[], float] = passed, scale: float = 1
    ) -> None:
        """As wide as allowed. `per_second`: sends to begin per second, 0 for any number; `scale` shrinks the
        pauses."""
        self._most = most
        self._interval = 1 / per_second if per_second else 0.0
        self._clock = clock
        self._scale = scale
        self._window = float(most)
        self._inside = 0
        self._next = self._paused_until = self._slowed_at = -math.inf
        self._changed = threading.Condition()

    def enter(self, *, patience: float = 0) -> float:
        """Wait for a turn, at most `patience` seconds: 0, and `leave` must follow. Else the seconds until it
        is worth asking again."""
        with self._changed:
            now = self._clock()
            turn = max(self._next, self._paused_until, now)
            if turn - now > max(0.0, patience):
                return turn - now
            self._next = turn + self._interval
            end = now + patience
            while True:
                now = self._clock()
                wait = max(turn, self._paused_until) - now
                if wait <= 0 and self._inside < max(1, int(self._window)):
                    self._inside += 1
                    return 0
                if now >= end:
                    return max(wait, PAUSE_SECONDS)
                self._changed.wait(min(wait, end - now) if wait > 0 else end - now)

    def leave(self, outcome: Reply | UpstreamError | None, *, began: float) -> None:
        """A send that `began` then, by the clock, ended so; None if there was none after all."""
        with self._changed:
            self._inside -= 1
            if isinstance(outcome, Reply):
                self._window = min(self._most, self._window + 1 / self._window)
            elif outcome is not None and _is_limit(outcome):
                self._slow_down(outcome.retry_after, began)
            self._changed.notify_all()

    def _slow_down(self, asked: int | None, began: float) -> None:
        now = self._clock()
        pause = self._scale * min(asked or PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._paused_until = max(self._paused_until, now + pause)
        if began >= self._slowed_at:
            self._window = max(1.0, self._window / 2)
            self._slowed_at = now


def _is_limit(failure: UpstreamError) -> bool:
    """Whether the upstream had enough of this lane; NotYet is about one task."""
    return not isinstance(failure, NotYet) and failure.reply is not None and failure.reply.status == 429
