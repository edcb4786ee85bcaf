"""Who a player is in OneSignal's users model: looked up once, then kept in the process and in DynamoDB.

A player's item is in the system's idempotency table, under `item_key`. Its attributes: `onesignal_id`, the
player's user; `sent`, the hash of the subscription values that OneSignal last received from us, absent if
that is not certain; `sending`, until when others may be on their way; `expires`. Times are Unix seconds. A
login can move a player to another user, so an item is kept for some days only.

The item of a player whom OneSignal does not know has `missing_since` and `asked`: when it said so first, and
last. Otherwise each event of such a player would take several turns, and others would wait for theirs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gateway.core.clock import passed
from gateway.core.data import dataclass
from gateway.core.errors import NotYet
from gateway.core.identity import key_of
from gateway.core.telemetry import log
from gateway.outbound import aws

CACHE_SECONDS = 180.0
CACHE_ENTRIES = 10_000

ASK_SOON = 5.0
"""Seconds until a player who may be new is looked up again."""

NEW_SECONDS = 60.0
"""For so long a 404 may only mean that a user was just created: OneSignal's own SDKs retry for a minute."""

ASK_LATER = 900.0
"""The same for one who was missing for a minute."""


def item_key(app_id: str, player_id: str) -> str:
    """The key of a player's item; the case of the ids does not count."""
    return key_of("onesignal_id", app_id.lower(), player_id.lower())


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A player's user. `fresh`: looked up for the present task; see the module for the rest. `sending` is
    that of the present task alone."""

    onesignal_id: str
    expires: float
    sent: str = ""
    sending: float = 0
    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A player whom OneSignal does not know; see the module."""

    missing_since: float
    asked: float

    def ask_again(self, *, scale: float) -> float:
        """When the player may be looked up again; `scale` shrinks the pause, see Settings.retry_scale."""
        is_new = self.asked - self.missing_since < NEW_SECONDS
        return self.asked + scale * (ASK_SOON if is_new else ASK_LATER)


class Identities:
    """The users of players, in the table `name`. `days`: how long one is kept."""

    def __init__(self, name: str, *, days: float, clock: Callable[[], float] = passed) -> None:
        """Nothing is read yet."""
        self._name = name
        self._keep_seconds = days * 24 * 3600
        self._clock = clock
        self._cache: dict[str, tuple[float, Identity]] = {}
        self._changing = threading.Lock()

    def find(
        self, app_id: str, player_id: str, *, seconds: float, stored: bool = False
    ) -> Identity | Missing | None:
        """The user of a player, None for one whom nobody has looked up. `stored`: with what the table says of
        `sent`, which another function may have written since.

        Raises NotYet if the table cannot be read.
        """
        key = item_key(app_id, player_id)
        until, cached = self._cache.get(key, (0.0, None))
        if cached is not None and until > self._clock() and not stored:
            return cached
        body = {"TableName": self._name, "Key": {"key": {"S": key}}, "ConsistentRead": True}
        try:
            item = aws.post("dynamodb", "GetItem", body, seconds=seconds).get("Item") or {}
        except aws.AwsError as error:
            log.warning("identity unread", code=error.code)
            raise NotYet("no identities", tried=False) from error
        identity = _identity(item)
        if identity is None or identity.expires <= time.time():
            self._drop(key)
            return _missing(item)
        self._remember(key, identity)
        return identity

    def learn(self, app_id: str, player_id: str, onesignal_id: str, *, seconds: float) -> Identity:
        """Keep what a look-up found. A failure to write it costs another look-up."""
        key = item_key(app_id, player_id)
        identity = Identity(onesignal_id=onesignal_id, expires=time.time() + self._keep_seconds)
        self._remember(key, identity)
        self._write(_item(key, identity), {}, seconds)
        return replace(identity, fresh=True)

    def miss(self, app_id: str, player_id: str, before: Missing | None, *, seconds: float) -> None:
        """Note that OneSignal does not know a player, unless somebody found the user meanwhile."""
        now = time.time()
        item = {
            "key": {"S": item_key(app_id, player_id)},
            "missing_since": _number(before.missing_since if before else now),
            "asked": _number(now),
            "expires": {"N": f"{now + 2 * ASK_LATER:.0f}"},
        }
        self._write(item, {"ConditionExpression": "attribute_not_exists(onesignal_id)"}, seconds)

    def forget(self, app_id: str, player_id: str, identity: Identity, *, seconds: float) -> None:
        """OneSignal no longer knows this user, or not as this player's."""
        key = item_key(app_id, player_id)
        self._drop(key)
        self._write({"key": {"S": key}, "expires": {"N": f"{time.time():.0f}"}}, _still(identity), seconds)

    def begin(
        self, app_id: str, player_id: str, identity: Identity, *, until: float, seconds: float
    ) -> Identity:
        """Note that a subscription is on its way until `until`; the identity, for `record`.

        Until then no other is sent, because nobody could tell which of two came last. If nobody learns the
        outcome, `sent` is unknown. Raises NotYet if another is on its way, or if this cannot be noted.
        """
        begun = replace(identity, sent="", sending=until)
        condition = _still(
            identity, " AND (attribute_not_exists(sending) OR sending <= :now)", now=_number(time.time())
        )
        if code := self._write(_item(item_key(app_id, player_id), begun), condition, seconds):
            raise NotYet("identity in use" if code == aws.CONDITION_FAILED else "no identities", tried=False)
        return begun

    def record(self, app_id: str, player_id: str, begun: Identity, sent: str, *, seconds: float) -> None:
        """Note that nothing is on its way any more, and the hash of what arrived; empty if nothing did."""
        known = replace(begun, sent=sent, sending=0)
        condition = _still(begun, " AND sending = :until", until=_number(begun.sending))
        self._write(_item(item_key(app_id, player_id), known), condition, seconds)

    def _drop(self, key: str) -> None:
        with self._changing:
            self._cache.pop(key, None)

    def _remember(self, key: str, identity: Identity) -> None:
        with self._changing:
            self._cache.pop(key, None)
            if len(self._cache) >= CACHE_ENTRIES:
                del self._cache[next(iter(self._cache))]
            self._cache[key] = (self._clock() + CACHE_SECONDS, identity)

    def _write(self, item: Mapping[str, Any], condition: Mapping[str, Any], seconds: float) -> str:
        """Put an item; AWS's code if it could not be put, else empty."""
        body = {"TableName": self._name, "Item": item, **condition}
        try:
            aws.post("dynamodb", "PutItem", body, seconds=seconds)
        except aws.AwsError as error:
            log.warning("identity unwritten", code=error.code)
            return error.code
        return ""


def _still(identity: Identity, further: str = "", **values: Mapping[str, str]) -> dict[str, Any]:
    """The condition that an item still names the same user."""
    return {
        "ConditionExpression": f"onesignal_id = :onesignal_id{further}",
        "ExpressionAttributeValues": {
            ":onesignal_id": {"S": identity.onesignal_id},
            **{f":{name}": value for name, value in values.items()},
        },
    }


def _item(key: str, identity: Identity) -> dict[str, Any]:
    item = {
        "key": {"S": key},
        "onesignal_id": {"S": identity.onesignal_id},
        "expires": {"N": f"{identity.expires:.0f}"},
    }
    sent = {"sent": {"S": identity.sent}} if identity.sent else {}
    return item | sent | ({"sending": _number(identity.sending)} if identity.sending else {})


def _number(seconds: float) -> dict[str, str]:
    return {"N": f"{seconds:.6f}"}


def _identity(item: Mapping[str, Any]) -> Identity | None:
    try:
        return Identity(
            onesignal_id=item["onesignal_id"]["S"],
            expires=float(item["expires"]["N"]),
            sent=item.get("sent", {}).get("S", ""),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _missing(item: Mapping[str, Any]) -> Missing | None:
    try:
        return Missing(missing_since=float(item["missing_since"]["N"]), asked=float(item["asked"]["N"]))
    except (KeyError, TypeError, ValueError):
        return None
