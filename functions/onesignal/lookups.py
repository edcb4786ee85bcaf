"""How many players are looked up at OneSignal per second, in all functions together.

An app's item is in the system's idempotency table, under `item_key`: `next`, Unix milliseconds, is when the
next look-up may be made. A look-up takes its turn by moving it on. `expires`, Unix seconds, removes an item
that is no longer used.
"""

from __future__ import annotations

import threading
import time
from math import ceil

from gateway.core.errors import RETRY_SECONDS, NotYet
from gateway.core.identity import key_of
from gateway.core.telemetry import log
from gateway.outbound import aws

LONGEST_PAUSE = 900.0
"""The longest pause after a 429, in seconds, whatever it asks for: the next look-up tells if it is over."""

KEEP_SECONDS = 24 * 3600


def item_key(app_id: str) -> str:
    """The key of an app's item."""
    return key_of("look-ups", app_id.lower())


class Lookups:
    """Turns to look up a player, in the table `name`."""

    def __init__(self, name: str, *, per_second: float) -> None:
        """Nothing is read yet."""
        self._name = name
        self._interval = 1 / per_second
        self._next: dict[str, float] = {}
        self._taking = threading.Lock()

    def wait(self, app_id: str) -> float:
        """Seconds until it is worth asking for a turn, as far as this process knows."""
        return max(0.0, self._next.get(app_id, 0.0) - time.time())

    def take(self, app_id: str, *, seconds: float) -> None:
        """Take a turn. Raises NotYet if it is another's, or if nobody can tell."""
        with self._taking:  # of a worker's threads, one asks the table
            if self.wait(app_id) or not self._took(app_id, seconds):
                raise self.not_yet(app_id)

    def _took(self, app_id: str, seconds: float) -> bool:
        now = time.time()
        try:
            self._move(app_id, now + self._interval, free_at=now, seconds=seconds)
        except aws.AwsError as error:
            if error.code != aws.CONDITION_FAILED:
                log.warning("look-ups unread", code=error.code)
                # Otherwise each thread that waits for this one would time out in its turn.
                self._next[app_id] = time.time() + self._interval
                raise NotYet("look-up rate", tried=False) from error
            stands = error.item.get("next", {}).get("N")
            self._next[app_id] = float(stands) / 1000 if stands else now + self._interval
            return False
        self._next[app_id] = now + self._interval
        return True

    def pause(self, app_id: str, asked: int | None, *, seconds: float) -> None:
        """OneSignal answered 429, and `asked` for so many seconds: nobody looks up before."""
        until = time.time() + min(max(asked or RETRY_SECONDS, self._interval), LONGEST_PAUSE)
        self._next[app_id] = until
        try:
            self._move(app_id, until, free_at=until, seconds=seconds)
        except aws.AwsError as error:
            log.warning("look-ups unread", code=error.code)

    def not_yet(self, app_id: str) -> NotYet:
        """What a task ends with that must wait: it was not tried."""
        return NotYet("look-up rate", tried=False, retry_after=ceil(self.wait(app_id)) or None)

    def _move(self, app_id: str, until: float, *, free_at: float, seconds: float) -> None:
        """Let nobody look up before `until`, provided that it is free at `free_at` (both Unix seconds)."""
        item = {
            "key": {"S": item_key(app_id)},
            "next": {"N": f"{until * 1000:.0f}"},
            "expires": {"N": f"{until + KEEP_SECONDS:.0f}"},
        }
        body = {
            "TableName": self._name,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(#next) OR #next <= :free_at",
            "ExpressionAttributeNames": {"#next": "next"},
            "ExpressionAttributeValues": {":free_at": {"N": f"{free_at * 1000:.0f}"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        aws.post("dynamodb", "PutItem", body, seconds=seconds)
