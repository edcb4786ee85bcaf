"""OneSignal's events in the proof: half for the stack's own app, half for a second one of the users model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.profiles import CLIENT_KEY, Proof
from tests.proofs.faults.kinds import Asked, Kind, person, post
from tools.systems.onesignal.app import credential

FIRST_SECOND = 1_000_000_000
"""`increment-session-length` has no room for a mark: its seconds count up from here."""

USERS_APP = "b2f7f966-d8cc-11e4-bed1-df8f05be55ba"
_USERS_KEY = "tg_proof_of_the_users_model"


@dataclass(frozen=True)
class App:
    """An app at OneSignal and how its clients present themselves: `account` is empty for the stack's own,
    `name` is the id of the client key, `person` numbers a player, who is one app's alone."""

    name: str
    key: str
    account: str
    person: Callable[[int], str]

    def asked(self, target: str, body: Any, player: str = "") -> Asked:
        """A request of its clients."""
        scope = tuple(part for part in (player, self.account) if part)
        return post(
            target, body, scope, headers={"X-Api-Key": self.key}, client=self.name, account=self.account
        )


def _other_person(subject: int) -> str:
    return person(subject).replace("-9000-", "-a000-")


PLAYERS = App("local", CLIENT_KEY, "", person)
USERS = App("users", _USERS_KEY, USERS_APP, _other_person)


def _new_session(app: App, mark: str, number: int, subject: int) -> Asked:
    data = {"language": "en", "tags": {"mark": mark}}
    return _session(app, data, subject)


def _new_device(app: App, mark: str, number: int, subject: int) -> Asked:
    data = {"language": "en", "tags": {"mark": mark}, "game_version": mark}
    return _session(app, data, subject)


def _session(app: App, data: Any, subject: int) -> Asked:
    player = app.person(subject)
    return app.asked("/onesignal/new-session", {"player_id": player, "sessionData": data}, player)


def _new_purchase(app: App, mark: str, number: int, subject: int) -> Asked:
    player = app.person(subject)
    data = {"purchases": [{"sku": mark, "iso": "USD", "amount": "0.99"}]}
    return app.asked("/onesignal/new-purchase/", {"player_id": player, "purchaseData": data}, player)


def _increment(app: App, mark: str, number: int, subject: int) -> Asked:
    player = app.person(subject)
    body = {"player_id": player, "state": "ping", "active_time": FIRST_SECOND + number}
    return app.asked("/onesignal/increment-session-length", body, player)


def _track_open(app: App, mark: str, number: int, subject: int) -> Asked:
    return app.asked("/onesignal/track-open", {"id": mark, "opened": True})


def _kinds(app: App, variant: str) -> tuple[Kind, ...]:
    # A look-up and the device's call may use up half of a send's time.
    patience = 0.5 if variant == "users" else 1

    def kind(endpoint: str, asked: Callable[[App, str, int, int], Asked], **more: bool) -> Kind:
        return Kind("onesignal", endpoint, partial(asked, app), variant=variant, patience=patience, **more)

    return (
        kind("new_session", _new_session, adds=True),
        # Only the users model has a call of its own for the device.
        kind("new_session", _new_device, adds=True, prepared=variant == "users"),
        kind("new_purchase", _new_purchase, adds=True),
        kind("increment_session_length", _increment, adds=True),
        kind("track_open", _track_open),
    )


KINDS = (*_kinds(PLAYERS, "players"), *_kinds(USERS, "users"))


def numbered(path: str, body: bytes) -> int | None:
    """The number of an event that OneSignal, or the queue, knows by its seconds alone."""
    if path.endswith("/on_focus"):
        seconds = json.loads(body)["active_time"]
    elif "/users/by/" in path:
        seconds = json.loads(body).get("deltas", {}).get("session_time", 0)
    else:
        return None
    return seconds - FIRST_SECOND if seconds >= FIRST_SECOND else None


PROOF = Proof(
    # More than the vendor allows, so that both the rate and its own limit are met.
    settings={"CLIENT_KEYS": "required", "LOOKUPS_PER_SECOND": "5"},
    secret={
        "credentials": {USERS_APP: credential(USERS_APP)},
        "accounts": {USERS_APP: {"model": "users"}},
        "client_keys": [
            {
                "id": USERS.name,
                "sha256": hashlib.sha256(USERS.key.encode()).hexdigest(),
                "allows": [USERS_APP],
            }
        ],
    },
    # Rate limits as documented, but for the views: a stage has some forty players to look up.
    vendor={"limited": ["users"], "views_per_app": 4, "missing_seconds": 0},
    # The sandbox creates a player when it is first named: but for one early stage, that may be long after the
    # event, when a 404 is a refusal.
    newcomers={"missing_seconds": 0.5},
    preparing=r"/subscriptions/[^/]+$",
    unready=r"^/apps/",
    turn="next",
    sent="sent",
)
