"""The time for one send in OneSignal's users model, which several calls share."""

import time

from gateway.core.errors import TimedOut

LEAST_SECONDS = 0.5
"""No call is started with less time left: it would end unanswered, and its outcome would be unknown."""

TABLE_SECONDS = 1.0
SAVE_SECONDS = 0.3
"""What saving a result may take after the send's time is over: unsaved, its call would be made again."""


class Budget:
    """The time for a send, shared by its calls. Raises TimedOut when too little is left for another."""

    def __init__(self, seconds: float) -> None:
        """It starts now."""
        self._end = time.monotonic() + seconds
        self._least = min(LEAST_SECONDS, seconds / 4)
        self._half = seconds / 2

    def call(self) -> float:
        """Seconds for a call to OneSignal that may be repeated."""
        return self._left(self._least)

    def last_call(self) -> float:
        """Seconds for the call that counts the event: half of the send's time at least.

        A slow vendor would leave the outcome of a shorter one unknown, and the repeat might count twice.
        """
        return self._left(self._half)

    def _left(self, needed: float) -> float:
        left = self._end - time.monotonic()
        if left < needed:
            raise TimedOut
        return left

    def table(self) -> float:
        """Seconds for a call to DynamoDB."""
        return min(TABLE_SECONDS, self.call())

    def save(self) -> float:
        """Seconds to save what was achieved."""
        return min(TABLE_SECONDS, max(SAVE_SECONDS, self._end - time.monotonic()))
