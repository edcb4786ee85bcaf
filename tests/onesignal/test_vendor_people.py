"""OneSignal's people as they come and go: new ones that are still missing, and logins that move a device."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox
from tools.systems.onesignal.people import FORMER, People, onesignal_id
from tools.systems.onesignal.vendor import OneSignal
from tools.systems.vendor import Request

APP = "local-onesignal-app"
PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
HEADERS = {"Authorization": "Key local-onesignal-credential", "OneSignal-Subscription-Id": PLAYER}
SUBSCRIPTION = f"/onesignal/apps/{APP}/subscriptions/{PLAYER}"


def user(number: str) -> str:
    return f"/onesignal/apps/{APP}/users/by/onesignal_id/{number}"


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def test_a_new_player_is_missing_for_a_while() -> None:
    clock = Clock()
    people = People(clock)
    people.missing_seconds = 60

    found = [people.subscription(APP, PLAYER), people.user(APP, onesignal_id(PLAYER), PLAYER)]
    clock.now += 59.9
    found += [people.subscription(APP, PLAYER), people.user(APP, onesignal_id(PLAYER), PLAYER)]
    clock.now += 0.2
    found += [people.subscription(APP, PLAYER), people.user(APP, onesignal_id(PLAYER), PLAYER)]

    assert found == [False, 404, False, 404, True, 200]


def test_whom_it_knows_already_does_not_go_missing() -> None:
    people = People(Clock())
    assert people.has(APP, PLAYER)

    people.missing_seconds = 60

    assert people.subscription(APP, PLAYER.upper())
    assert not people.subscription(APP, PLAYER.replace("f", "e"))


def test_a_new_player_answers_404_to_every_call_of_the_users_model() -> None:
    clock = Clock()
    vendor = OneSignal(clock)
    vendor.change({"missing_seconds": 5})
    calls = [
        ("GET", f"{SUBSCRIPTION}/user/identity", b""),
        ("PATCH", SUBSCRIPTION, b'{"subscription": {"sdk": "5"}}'),
        ("PATCH", user(onesignal_id(PLAYER)), b'{"deltas": {"session_count": 1}}'),
    ]

    def statuses() -> list[tuple[int, str]]:
        headers = (*HEADERS.items(), ("Content-Type", "application/json"))
        answers = [
            vendor.answer(
                Request(method=method, path=path.removeprefix("/onesignal"), headers=headers, body=body)
            )
            for method, path, body in calls
        ]
        return [(answer.status, answer.verdict) for answer in answers]

    assert statuses() == [(404, "refused")] * 3
    clock.now += 5
    assert statuses() == [(200, "taken"), (200, "taken"), (202, "taken")]


def test_the_players_calls_know_a_new_player_at_once(send: Send, sandbox: Sandbox) -> None:
    sandbox.change("onesignal", missing_seconds=60)

    body = {"app_id": APP}
    assert send("POST", f"/onesignal/players/{PLAYER}/on_session", body)[:2] == (200, {"success": True})


@pytest.mark.parametrize("former", FORMER)
def test_a_login_moves_a_subscription_to_another_user(send: Send, sandbox: Sandbox, former: int) -> None:
    before = send("GET", f"{SUBSCRIPTION}/user/identity", headers=HEADERS)[1]["identity"]["onesignal_id"]

    sandbox.change("onesignal", login=PLAYER, former=former)

    after = send("GET", f"{SUBSCRIPTION}/user/identity", headers=HEADERS)[1]["identity"]["onesignal_id"]
    assert after != before == onesignal_id(PLAYER)
    status, answer, _ = send("PATCH", user(before), {"deltas": {"session_count": 1}}, HEADERS)
    assert (status, set(answer["errors"][0])) == (former, {"code", "title"})
    assert send("PATCH", user(after), {"deltas": {"session_count": 1}}, HEADERS)[0] == 202
    assert send("PATCH", SUBSCRIPTION, {"subscription": {}}, HEADERS)[0] == 200


def test_each_login_makes_another_user(sandbox: Sandbox, send: Send) -> None:
    found = []
    for _ in range(3):
        found.append(send("GET", f"{SUBSCRIPTION}/user/identity", headers=HEADERS)[1]["identity"])
        sandbox.change("onesignal", login=PLAYER.upper())

    assert len({identity["onesignal_id"] for identity in found}) == 3


def test_a_subscription_of_somebody_else_is_not_updated(send: Send, sandbox: Sandbox) -> None:
    other = "0b0b0b0b-3289-4651-ad15-3b995718badd"
    send("GET", SUBSCRIPTION.replace(PLAYER, other) + "/user/identity", headers=HEADERS)

    assert send("PATCH", user(onesignal_id(other)), {}, HEADERS)[0] == 400
    assert sandbox.ledger()[-1].verdict == "malformed"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"limited": "users"}, "`limited` is a list of players, users"),
        ({"limited": ["old"]}, "`limited` is a list of players, users"),
        ({"views_per_app": 0}, "`views_per_app` is 0.000001 to 1000000 requests per second"),
        ({"updates_per_user": True}, "`updates_per_user` is 0.000001 to 1000000 requests per second"),
        ({"updates_per_app": "1"}, "`updates_per_app` is 0.000001 to 1000000 requests per second"),
        ({"missing_seconds": -1}, "`missing_seconds` is 0 to 3600"),
        ({"missing_seconds": 5, "login": "nobody"}, "`login` is a player id, a UUID"),
        ({"login": PLAYER, "former": 500}, "`former` is one of 404, 409, 410"),
        ({"former": 404}, "`former` is how a user answers after a `login`"),
        ({"limits": []}, "`limits` is none of limited, updates_per_app, "),
    ],
)
def test_a_change_that_cannot_be_meant_changes_nothing(sandbox: Sandbox, state: Any, reason: str) -> None:
    before = sandbox.state("onesignal")

    with pytest.raises(ValueError, match=reason.replace("[", "")):
        sandbox.change("onesignal", **state)

    assert sandbox.state("onesignal") == before
