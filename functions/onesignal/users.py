"""What a call about a player means in OneSignal's users model: a pure translation, without I/O.

A player id is a subscription id. What is told of the device belongs to the subscription, what is told of the
person to its user; sessions, seconds and purchases are the user's deltas.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.core.data import dataclass
from gateway.core.message import HttpRequest

OF_SUBSCRIPTION = {
    "identifier": "token",
    "device_os": "device_os",
    "game_version": "app_version",
    "sdk": "sdk",
}
"""A session's fields that are the subscription's, with their names there."""

OF_USER = frozenset({"language", "tags"})
"""A session's fields that are the user's properties."""

OF_PURCHASE = frozenset({"sku", "iso", "amount"})
"""A purchase's fields."""

WITHOUT_COUNTERPART = frozenset({"timezone", "ad_id", "device_type", "existing"})
"""Documented fields that the users model does not have."""

OTHER = "other"
"""Stands for every dropped field that no document names: a name that a client chose would be a metric."""

MAX_SESSION_TIME = 2**31 - 1
"""OneSignal's own clients hold it in 32 bits."""

_PATH = re.compile(r"/players/([^/]+)/(on_session|on_purchase|on_focus)")


@dataclass(frozen=True, kw_only=True)
class Update:
    """A player's call in the users model.

    `subscription` holds absolute values, to be set first and skipped where they have not changed; `user` is
    the body for the user, whose `deltas` add up, so it goes last. `dropped` counts the fields that have no
    counterpart, by name.

    All of a session's tags stay in one request: OneSignal accepts 100 properties per request, and one request
    per second and user, so several requests could not follow each other. It refuses more, and the app sees
    the refusal.
    """

    player_id: str
    subscription: Mapping[str, Any]
    user: Mapping[str, Any]
    dropped: Mapping[str, int]


def player_of(request: HttpRequest) -> str | None:
    """The player that a request is about; None for a request of another form."""
    found = _PATH.fullmatch(request.path)
    return found[1] if found else None


def translated(request: HttpRequest) -> Update:
    """The update that a request about a player asks for. Raises ValueError for a request of another form."""
    found = _PATH.fullmatch(request.path)
    if found is None:
        raise ValueError("not about a player")
    # To the players calls, null is as good as absent.
    fields = {name: value for name, value in request.fields.items() if value is not None}
    player_id, action = found.groups()
    return _TRANSLATIONS[action](player_id, fields)


def _session(player_id: str, fields: Mapping[str, Any]) -> Update:
    properties = {name: fields[name] for name in OF_USER if name in fields and fields[name] != {}}
    user: dict[str, Any] = {"properties": properties} if properties else {}
    return Update(
        player_id=player_id,
        subscription={new: fields[old] for old, new in OF_SUBSCRIPTION.items() if old in fields},
        user=user | {"deltas": {"session_count": 1}},
        dropped=_dropped(fields.keys() - OF_SUBSCRIPTION.keys() - OF_USER),
    )


def _focus(player_id: str, fields: Mapping[str, Any]) -> Update:
    seconds = min(fields["active_time"], MAX_SESSION_TIME)
    return Update(
        player_id=player_id,
        subscription={},
        user={"deltas": {"session_time": seconds}},
        dropped=_dropped(fields.keys() - {"active_time", "state"}),
    )


def _purchase(player_id: str, fields: Mapping[str, Any]) -> Update:
    purchases = [
        # `amount` keeps its digits: of a number, those that were sent.
        {"sku": one["sku"], "iso": one["iso"].upper(), "amount": str(one["amount"]), "count": 1}
        for one in fields["purchases"]
    ]
    further = [value for one in fields["purchases"] for name, value in one.items() if name not in OF_PURCHASE]
    unknown = [OTHER for value in further if value is not None]
    return Update(
        player_id=player_id,
        subscription={},
        user={"deltas": {"purchases": purchases}},
        dropped=_dropped([*(fields.keys() - {"purchases"}), *unknown]),
    )


def _dropped(names: Iterable[str]) -> Mapping[str, int]:
    return Counter(name if name in WITHOUT_COUNTERPART else OTHER for name in names)


_TRANSLATIONS: Mapping[str, Callable[[str, Mapping[str, Any]], Update]] = {
    "on_session": _session,
    "on_focus": _focus,
    "on_purchase": _purchase,
}
