"""A small circuit breaker in the process: an upstream that fails and fails is left alone for a while."""

from collections.abc import Callable

from gateway.core.clock import passed
from gateway.core.errors import NotYet, Transient, UpstreamError

FAILURES = 5
"""So many in a row open it."""

OPEN_SECONDS = 5.0
LONGEST_SECONDS = 60.0


class CircuitBreaker:
    """Open after five failures in a row; then one call a while is let through to see. Not for threads."""

    def __init__(self, clock: Callable[[], float] = passed, *, scale: float = 1) -> None:
        """Closed. `scale` shrinks every wait."""
        self._clock = clock
        self._scale = scale
        self._failures = 0
        self._open_until = 0.0

    @property
    def wait(self) -> float:
        """Seconds until a call may pass; 0 while it is closed."""
        return max(0.0, self._open_until - self._clock())

    def note(self, failure: UpstreamError | None) -> None:
        """Take in how a send ended. A setup failure or a refusal is an answer: the upstream is well."""
        if isinstance(failure, NotYet):
            return  # it is about one task, and perhaps nothing was asked
        if not isinstance(failure, Transient):
            self._failures, self._open_until = 0, 0.0
            return
        self._failures += 1
        # A 429 may be about one user or one app; a 503 is about the upstream.
        unwell = failure.reply is not None and failure.reply.status == 503
        asked = min(failure.retry_after or 0.0, LONGEST_SECONDS) if unwell else 0.0
        if self._failures >= FAILURES or asked:
            doubled = OPEN_SECONDS * 2 ** min(max(0, self._failures - FAILURES), 10)
            self._open_until = self._clock() + self._scale * max(asked, min(doubled, LONGEST_SECONDS))
