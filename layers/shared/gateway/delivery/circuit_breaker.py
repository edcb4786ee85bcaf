"""A small circuit breaker in the process: an upstream that fails and fails is left alone for a while."""

import threading
from collections.abc import Callable

from gateway.core.clock import passed
from gateway.core.errors import NotYet, Transient, UpstreamError

FAILURES = 5
"""So many in a row open it."""

OPEN_SECONDS = 5.0
LONGEST_SECONDS = 60.0


class CircuitBreaker:
    """Open after five failures in a row; then one call at a time is let through to see. Threads share it."""

    def __init__(self, clock: Callable[[], float] = passed, *, scale: float = 1) -> None:
        """Closed. `scale` shrinks every wait."""
        self._clock = clock
        self._scale = scale
        self._failures = 0
        self._opened_at = 0.0
        self._open_until = 0.0
        self._probe: int | None = None
        self._changed = threading.Condition()

    @property
    def wait(self) -> float:
        """Seconds until a call may pass; 0 while it is closed."""
        return max(0.0, self._open_until - self._clock())

    def enter(self, *, patience: float = 0) -> float:
        """Let this thread's call pass: 0, and `leave` must follow. Else the seconds until it may.

        Once the breaker was open, one call passes at a time. Others wait for its end, at most `patience`
        seconds. The thread whose call that is may enter again: a worker enters before it claims, and its
        sender before each send.
        """
        with self._changed:
            while True:
                if wait := self.wait:
                    return wait
                if not self._open_until:
                    return 0
                if self._probe in (None, threading.get_ident()):
                    self._probe = threading.get_ident()
                    return 0
                if not patience or not self._changed.wait(patience):
                    return self._scale * OPEN_SECONDS

    def leave(self) -> None:
        """The call is over, or was not made after all."""
        with self._changed:
            if self._probe == threading.get_ident():
                self._probe = None
                self._changed.notify_all()

    def note(self, failure: UpstreamError | None, *, began: float | None = None) -> None:
        """Take in how a send ended. A setup failure or a refusal is an answer: the upstream is well.

        `began`: the clock's reading when it began; a call that began before the breaker opened does not
        open it once more.
        """
        if isinstance(failure, NotYet):
            return  # it is about one task, and perhaps nothing was asked
        with self._changed:
            if not isinstance(failure, Transient):
                self._failures, self._open_until = 0, 0.0
            elif began is None or began >= self._opened_at:
                self._fail(failure)

    def _fail(self, failure: Transient) -> None:
        self._failures += 1
        # A 429 may be about one user or one app; a 503 is about the upstream.
        unwell = failure.reply is not None and failure.reply.status == 503
        asked = min(failure.retry_after or 0.0, LONGEST_SECONDS) if unwell else 0.0
        if self._failures >= FAILURES or asked:
            doubled = OPEN_SECONDS * 2 ** min(max(0, self._failures - FAILURES), 10)
            self._opened_at = self._clock()
            self._open_until = self._opened_at + self._scale * max(asked, min(doubled, LONGEST_SECONDS))
