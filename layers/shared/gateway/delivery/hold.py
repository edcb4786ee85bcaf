"""Hold: an operator stops a system's deliveries, for a vendor's maintenance, without a deployment.

One item of the system's idempotency store says so. While it does, endpoints queue first, what may not be
queued is refused unsent, and the worker leaves every message in the queue.
"""

import threading
import time
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, Self

from gateway.core.clock import passed
from gateway.core.data import dataclass
from gateway.core.errors import Transient
from gateway.core.identity import key_of
from gateway.core.telemetry import log
from gateway.outbound import aws

LONGEST_SECONDS = 13 * 24 * 3600
"""How long a hold may last: what is queued when it begins becomes a dead letter then."""

FRESH_SECONDS = 10.0
"""How long a function caches the item."""

STALE_SECONDS = 60.0
"""How long it uses the cached item while it cannot be read again; after that nothing is held."""

READ_SECONDS = 0.5
"""A request may have to wait for the read. If it fails, the next one is made ten seconds later."""

FIRST_READ_SECONDS = 1.0
"""INIT can wait longer: a function that has never read the item does not know of the hold."""

UNKNOWN_SECONDS = 1.0
"""After how long such a function asks again."""

RETRY_SECONDS = 60
"""When a client should repeat what is refused: a hold may be long, and may end at any time."""


def item_key(system: str) -> str:
    """The key of a system's item.

    Its attributes: the numbers `since`, `until` and `expires` (Unix seconds), and `resuming` (Boolean).
    """
    return key_of("hold", system)


class DeliveriesHeld(Transient):
    """Not a failure: an operator holds the system, and the task may not be queued."""

    status = 503

    def __init__(self, seconds_left: float) -> None:
        """Nothing was sent. `seconds_left`: when the hold ends at the latest."""
        super().__init__("held", tried=False, retry_after=min(RETRY_SECONDS, ceil(seconds_left)))
        self.kind = "deliveries are on hold"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A hold from `since` until `until`, in Unix seconds.

    `resuming`: it is about to end. The worker delivers again, so that no message which its event source
    passes to it has to wait; endpoints still queue first, until the source is enabled.
    """

    since: float
    until: float
    resuming: bool = False

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """The hold in a DynamoDB item. Raises KeyError, TypeError, ValueError for one that is malformed."""
        return cls(
            since=float(item["since"]["N"]),
            until=float(item["until"]["N"]),
            resuming=bool(item.get("resuming", {}).get("BOOL", False)),
        )

    def seconds_left(self) -> float:
        """Until it is over by itself; 0 if it is."""
        return max(0.0, self.until - time.time())


class CurrentHold:
    """A system's hold, cached for ten seconds, or for a minute while it cannot be read."""

    def __init__(self, system: str, table: str, *, clock: Callable[[], float] = passed) -> None:
        """`table` is the idempotency store's; a system without one cannot be held. Nothing is read yet."""
        self._system = system
        self._table = table
        self._clock = clock
        self._lock = threading.Lock()
        self._found: Hold | None = None
        self._read_at: float | None = None
        self._next_read = clock()

    def prepare(self) -> None:
        """Read it during INIT."""
        if self._table:
            self._ask(self._clock(), FIRST_READ_SECONDS)

    def read(self) -> Hold | None:
        """The hold that is in force; None if there is none, or none is known."""
        with self._lock:  # one thread of a worker asks for all
            now = self._clock()
            if self._table and now >= self._next_read:
                self._ask(now, READ_SECONDS)
            if self._found is None or self._read_at is None or now - self._read_at >= STALE_SECONDS:
                return None
            return self._found if self._found.seconds_left() else None

    def _ask(self, now: float, seconds: float) -> None:
        self._next_read = now + FRESH_SECONDS
        body = {
            "TableName": self._table,
            "Key": {"key": {"S": item_key(self._system)}},
            "ConsistentRead": True,
        }
        try:
            item = aws.post("dynamodb", "GetItem", body, seconds=seconds).get("Item")
            self._found, self._read_at = Hold.of(item) if item else None, now
        except aws.AwsError as error:
            log.warning("hold unread", system=self._system, code=error.code)
            if self._read_at is None:
                self._next_read = now + UNKNOWN_SECONDS
        except (KeyError, TypeError, ValueError):
            log.warning("hold malformed", system=self._system)
