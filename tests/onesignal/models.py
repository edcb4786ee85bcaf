"""OneSignal's two models: the setting, and what OneSignal is sent under each for a client's call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from tools.sandbox.client import Entry
from tools.systems.onesignal.app import APP_ID, CREDENTIAL
from tools.systems.onesignal.people import onesignal_id

KEY = f"Key {CREDENTIAL}"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request to OneSignal. `subscription` is the header that names the device to the users model."""

    method: str
    path: str
    body: Any
    authorization: str | None = KEY
    subscription: str | None = None

    @classmethod
    def of(cls, entry: Entry) -> Sent:
        """What stands in the sandbox's ledger."""
        return cls(
            method=entry.method,
            path=entry.path,
            body=json.loads(entry.content) if entry.content else None,
            authorization=entry.header("Authorization"),
            subscription=entry.header("OneSignal-Subscription-Id"),
        )


class Model(Protocol):
    """What becomes of each of the socket's four calls."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What the functions read."""

    @property
    def takes_nothing_as_success(self) -> bool:
        """Whether a success may have no body."""

    def session(self, player: str) -> Sent:
        """`new-session`, without data."""

    def purchase(self, player: str, purchases: Sequence[Mapping[str, Any]]) -> Sent:
        """`new-purchase`, of amounts that are texts and currencies in upper case."""

    def length(self, player: str, seconds: int) -> Sent:
        """`increment-session-length`."""


class Players:
    """The calls of apps on old SDKs. They need no credential."""

    settings: ClassVar = {"MODEL": "players"}
    takes_nothing_as_success: ClassVar = False

    def session(self, player: str) -> Sent:
        """See Model."""
        return self._call(player, "on_session", {})

    def purchase(self, player: str, purchases: Sequence[Mapping[str, Any]]) -> Sent:
        """See Model."""
        return self._call(player, "on_purchase", {"purchases": purchases})

    def length(self, player: str, seconds: int) -> Sent:
        """See Model."""
        return self._call(player, "on_focus", {"state": "ping", "active_time": seconds})

    def _call(self, player: str, action: str, body: Mapping[str, Any]) -> Sent:
        return Sent(
            method="POST",
            path=f"/players/{player}/{action}",
            body={**body, "app_id": APP_ID},
            authorization=None,
        )


class Users:
    """The calls of today's apps: deltas, for the user to whom the player's subscription belongs."""

    # The look-ups' rate is a matter of tests of their own.
    settings: ClassVar = {"MODEL": "users", "LOOKUPS_PER_SECOND": "1000"}
    takes_nothing_as_success: ClassVar = True

    def session(self, player: str) -> Sent:
        """See Model."""
        return self._call(player, {"session_count": 1})

    def purchase(self, player: str, purchases: Sequence[Mapping[str, Any]]) -> Sent:
        """See Model."""
        return self._call(player, {"purchases": [{**purchase, "count": 1} for purchase in purchases]})

    def length(self, player: str, seconds: int) -> Sent:
        """See Model."""
        return self._call(player, {"session_time": seconds})

    def _call(self, player: str, deltas: Mapping[str, Any]) -> Sent:
        return Sent(
            method="PATCH",
            path=f"/apps/{APP_ID}/users/by/onesignal_id/{onesignal_id(player)}",
            body={"deltas": deltas},
            subscription=player,
        )


MODELS: Mapping[str, Model] = {"players": Players(), "users": Users()}


def opened(notification: str) -> Sent:
    """`track-open`, the same under both."""
    return Sent(method="PUT", path=f"/notifications/{notification}", body={"app_id": APP_ID, "opened": True})


def events(entries: Iterable[Entry]) -> list[Entry]:
    """The requests that carry an event: all but the look-ups of who a player is."""
    return [entry for entry in entries if entry.method != "GET"]
