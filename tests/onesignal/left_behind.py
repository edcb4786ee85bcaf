"""What this version leaves in a stack beyond what every system does: users' identities, and a named app."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from tests.onesignal.apps import CREDENTIALS, ENDPOINTS, IOS, OWN, OneSignal, ask, redelivered, stack
from tests.operator.conftest import World
from tests.safety.outside import Outside, SentRequest

USERS = ("--setting", "model=users")
SETTINGS = {"identifier": "token-1", "game_version": "1.0", "language": "en"}
"""A session's data: of the device, and of the person."""


class Killed(BaseException):
    """The function dies here."""


@dataclass
class Answering(OneSignal):
    """OneSignal and AWS in a few lines, with conditions. `look_up` answers look-ups, if given; `dies`: the
    function does so when it has sent a subscription."""

    look_up: Reply | None = None
    dies: bool = False

    _PutItem = Outside._PutItem

    def send(self, method: str, url: str, *, headers: Any, body: bytes, **_: Any) -> Reply:
        """See Outside."""
        if method == "GET" and self.look_up:
            self.sent.append(SentRequest(method, url, dict(headers), body))
            return self.look_up
        reply = super().send(method, url, headers=headers, body=body)
        if self.dies and method == "PATCH" and url.rpartition("/")[0].endswith("/subscriptions"):
            raise Killed
        return reply


def left_behind(world: World, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """`made_at` in Unix seconds, `identities` (items by what they tell), and `app`, a named one."""
    return {"made_at": time.time(), "identities": _identities(patch), "app": _app(world, patch)}


def session(client: str = "own") -> dict[str, Any]:
    """A session that tells of the device, too."""
    event = ask("new_session", client)
    event["body"] = json.dumps(json.loads(event["body"]) | {"sessionData": SETTINGS})
    return event


def with_users(
    outside: OneSignal, patch: pytest.MonkeyPatch, endpoint: str = "new_session"
) -> Endpoint[Any, Any]:
    """An endpoint of a stack whose apps have users."""
    return stack(endpoint, outside, patch, "users", client_keys="required")


def _identities(patch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    found = {}
    for what, given in {
        "known": {},
        "sending": {"dies": True},
        "missing": {"look_up": Reply(status=404, body=b'{"errors": [{"title": "gone"}]}')},
        "paused": {"look_up": Reply(status=429, headers={"retry-after": "600"}, body=b"{}")},
    }.items():
        outside = Answering(secret={"credentials": CREDENTIALS}, **given)  # type: ignore[arg-type]
        with suppress(Killed):
            with_users(outside, patch)(session())
        found[what] = [item for item in outside.items.values() if "state" not in item]
    return found


def _app(world: World, patch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    world.stack.parameters["OneSignalClientKeys"] = "required"  # type: ignore[index]
    for account, options in (("*", ()), (IOS, USERS)):
        words = ("--system", "onesignal", "--account", account, *options)
        world.run("secrets", "set", *words, text=CREDENTIALS[account])
    key = world.run("keys", "create", "ios", "--system", "onesignal", "--allow", IOS).stdout.strip()
    document = world.secret("onesignal")
    messages, letters = [], []
    for name in ENDPOINTS:
        outside = Answering(secret=document, away={IOS})
        with_users(outside, patch, name)(ask(name, key))
        messages += outside.queued
        outside.items.clear()  # the next look-up's turn has come
        outside.away, outside.refusing = set(), True
        redelivered(with_users(outside, patch, name).system, *outside.queued)
        letters += outside.dead
    return {"id": IOS, "key": key, "secret": document, "messages": messages, "letters": letters}


__all__ = ["OWN", "Answering", "left_behind", "session", "with_users"]
