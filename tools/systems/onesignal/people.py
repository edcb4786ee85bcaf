"""Whom OneSignal knows: each player's app, the user that a player's subscription belongs to, and since when.

A player id is a subscription id. Everybody exists, in the app that first names them, except ids that begin
with `00000000-`; a new player may be missing for a while, as OneSignal's are after their creation.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

MISSING = 404
FORMER = (MISSING, 409, 410)
"""How a user answers whose subscription a login has moved: gone, or merged with another one."""


@dataclass(frozen=True)
class _Player:
    app: str
    exists_at: float


def onesignal_id(player: str, logins: int = 0) -> str:
    """The user that a player's subscription belongs to after so many logins; both are UUIDs."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, player.lower() + f" {logins}" * bool(logins)))


class People:
    """`missing_seconds`: how long players that are new from now on are missing in the users model."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: in seconds."""
        self.missing_seconds: float = 0
        self._clock = clock
        self._players: dict[str, _Player] = {}
        self._logins: dict[str, int] = {}
        self._former: dict[str, int] = {}
        self._users: dict[str, str] = {}

    def has(self, app: str, player: str) -> bool:
        """Whether the player is one of this app, which a player that nobody has named yet becomes."""
        return not player.startswith("00000000-") and self._player(app, player).app == app

    def subscription(self, app: str, player: str) -> bool:
        """The same in the users model, where a new one is missing for a while."""
        return self.has(app, player) and self._clock() >= self._player(app, player).exists_at

    def user_of(self, player: str) -> str:
        """The `onesignal_id` of a player's user."""
        number = onesignal_id(player, self._logins.get(player.lower(), 0))
        self._users[number] = player
        return number

    def user(self, app: str, number: str, player: str | None) -> int:
        """How a user of this app answers: 200, or one of FORMER. `player`: a subscription that the request
        names, by which a user is found whom no look-up has named before."""
        number = number.lower()
        if number in self._former:
            return self._former[number]
        if player is not None:
            self.user_of(player)
        owner = self._users.get(number)
        return 200 if owner is not None and self.subscription(app, owner) else MISSING

    def log_in(self, player: str, former: int) -> None:
        """Move the player's subscription to a new user; the old one answers `former`."""
        self._former[self.user_of(player)] = former
        self._logins[player.lower()] = self._logins.get(player.lower(), 0) + 1

    def _player(self, app: str, player: str) -> _Player:
        new = _Player(app, self._clock() + self.missing_seconds)
        return self._players.setdefault(player.lower(), new)
