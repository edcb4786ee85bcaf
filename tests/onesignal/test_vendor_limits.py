"""OneSignal's rate limits: how many a second, whose they are, and when the next request is welcome."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox
from tools.sandbox.running import running_sandbox
from tools.systems.onesignal.app import APP_ID, CREDENTIAL, credential
from tools.systems.onesignal.people import onesignal_id
from tools.systems.onesignal.vendor import OneSignal
from tools.systems.vendor import Request, Response

IOS = "5eb5a37e-b458-11e3-ac11-000c2940e62c"


class World:
    """A OneSignal that keeps its limits, and a clock."""

    def __init__(self, **state: Any) -> None:
        self.now = 1000.0
        self.vendor = OneSignal(clock=lambda: self.now)
        self.vendor.limit()
        self.vendor.change(state)

    def ask(self, method: str, path: str, body: Any = None, app: str = APP_ID) -> Response:
        headers = (("Authorization", f"Key {credential(app)}"), ("Content-Type", "application/json"))
        content = json.dumps({} if body is None else body).encode()
        return self.vendor.answer(Request(method=method, path=path, headers=headers, body=content))

    def identity(self, number: int, app: str = APP_ID) -> Response:
        return self.ask("GET", f"/apps/{app}/subscriptions/{player(number)}/user/identity", app=app)

    def user(self, number: int) -> Response:
        named = ("OneSignal-Subscription-Id", player(number))
        signed = (("Authorization", f"Key {CREDENTIAL}"), ("Content-Type", "application/json"), named)
        path = f"/apps/{APP_ID}/users/by/onesignal_id/{onesignal_id(player(number))}"
        return self.vendor.answer(Request(method="PATCH", path=path, headers=signed, body=b"{}"))

    def subscription(self, number: int) -> Response:
        return self.ask("PATCH", f"/apps/{APP_ID}/subscriptions/{player(number)}")

    def focus(self, number: int) -> Response:
        body = {"app_id": APP_ID, "state": "ping", "active_time": 1}
        return self.ask("POST", f"/players/{player(number)}/on_focus", body)


def player(number: int) -> str:
    return f"fe3bcc9f-3289-4651-ad15-{number:012x}"


def test_one_look_up_a_second_per_app() -> None:
    world = World()

    answers = [world.identity(1).status, world.identity(2).status, world.identity(3, IOS).status]
    world.now += 1
    answers.append(world.identity(2).status)

    assert answers == [200, 429, 200, 200]


def test_a_caller_at_the_rate_may_come_a_little_early() -> None:
    world = World()
    statuses = []
    for early in (0, 0.05, -0.05, 0.09):
        world.now += 1 - early
        statuses.append(world.identity(1).status)

    world.now += 0.8
    assert [*statuses, world.identity(1).status] == [200, 200, 200, 200, 429]


def test_one_update_a_second_per_user_and_per_subscription() -> None:
    world = World()

    assert [world.user(1).status, world.subscription(1).status] == [202, 200]
    assert [world.user(1).status, world.subscription(1).status] == [429, 429]
    assert [world.user(2).status, world.subscription(2).status] == [202, 200]
    world.now += 1
    assert [world.user(1).status, world.subscription(1).status] == [202, 200]


def test_a_thousand_updates_a_second_per_app() -> None:
    world = World()

    statuses = [world.user(number).status for number in range(1200)]

    assert statuses.count(202) == pytest.approx(1100, abs=1)  # a second's worth, and what may be early
    assert statuses[-1] == 429
    world.now += 1
    assert world.user(1200).status == 202


def test_a_refusal_says_which_limit_and_when_to_come_back() -> None:
    world = World(views_per_app=0.2)
    world.identity(1)

    refused = world.identity(1)

    assert (refused.status, refused.verdict) == (429, "refused")
    assert json.loads(refused.body) == {"errors": ["API rate limit exceeded"], "limit": "App ID"}
    assert dict(refused.headers)["Retry-After"] == "5"
    world.now += 5
    assert world.identity(1).status == 200


def test_a_refused_request_uses_nothing_up() -> None:
    world = World(updates_per_app=2)
    world.user(1)
    for _ in range(5):
        assert world.user(1).status == 429

    assert world.user(2).status == 202


def test_the_players_calls_are_limited_only_if_they_are_named() -> None:
    world = World()
    assert [world.focus(1).status for _ in range(3)] == [200, 200, 200]

    world.vendor.change({"limited": ["players"]})

    assert [world.focus(1).status for _ in range(2)] == [200, 429]
    assert [world.user(1).status for _ in range(2)] == [202, 202]


def test_rates_are_changed_while_it_runs() -> None:
    world = World(views_per_app=20, updates_per_user=5)

    assert [world.identity(1).status for _ in range(21)] == [200] * 21
    assert [world.user(1).status for _ in range(5)] == [202] * 5
    assert world.vendor.state() == {
        "limited": ["users"],
        "updates_per_app": 1000,
        "updates_per_user": 5,
        "views_per_app": 20,
        "missing_seconds": 0,
    }


def test_old_uses_are_forgotten() -> None:
    world = World(updates_per_app=1_000_000)
    for number in range(10_100):
        world.now += 0.001
        world.user(number)

    assert len(world.vendor._limits._free_at) < 10_002


def test_a_sandbox_starts_with_limits_where_it_is_told_to(send: Send, sandbox: Sandbox) -> None:
    assert sandbox.state("onesignal")["limited"] == []
    with running_sandbox(limits=True) as limited:
        limited.change("onesignal", limited=[])
        limited.reset()
        assert limited.state("onesignal")["limited"] == ["users"]
