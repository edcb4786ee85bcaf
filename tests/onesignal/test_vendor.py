"""OneSignal answers as its documents say, and sees every form that they do not allow."""

from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
NOTIFICATION = "/onesignal/notifications/f84e3ac6-399e-43b7-90fa-ea0fff0668bf"
KEY = {"Authorization": "Key local-onesignal-credential"}
APP = {"app_id": "local-onesignal-app"}
SESSION = {
    "identifier": "token",
    "language": "en",
    "timezone": -28800,
    "game_version": "1.0",
    "device_os": "7.0.4",
    "device_type": 1,
    "tags": {"level": "5", "gone": ""},
    "notification_types": 1,
}
PURCHASES = {"purchases": [{"sku": "SKU123", "iso": "USD", "amount": "0.99"}]}
PING = {"state": "ping", "active_time": 60}


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("on_session", {}),
        ("on_session", SESSION),
        ("on_session", dict.fromkeys(SESSION)),
        ("on_purchase", PURCHASES),
        ("on_focus", PING),
    ],
)
def test_takes_the_documented_player_calls(send: Send, sandbox: Sandbox, endpoint: str, body: Any) -> None:
    status, answer, headers = send("POST", f"/onesignal/players/{PLAYER}/{endpoint}", APP | body)

    assert (status, answer) == (200, {"success": True})
    assert headers["Content-Type"] == "application/json"
    assert sandbox.counts()["systems"]["onesignal"]["effects"] == {
        endpoint: {"taken": 1, "distinct": 1, "repeated": 0}
    }


def test_takes_an_opened_notification_with_the_key_only(send: Send) -> None:
    opened = APP | {"opened": True}

    assert send("PUT", NOTIFICATION, opened, KEY)[:2] == (200, {"success": True})
    assert send("PUT", NOTIFICATION, opened)[0] == 403
    assert send("PUT", NOTIFICATION, opened, {"Authorization": "Basic local-onesignal-credential"})[0] == 403


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (PING, {}),
        (PING | {"app_id": "another"}, {}),
        (PING | APP, {"Content-Type": "text/plain"}),
        (b"[]", {}),
        (b"{", {}),
        (b'{"app_id": "another", "app_id": "local-onesignal-app"}', {}),
    ],
)
def test_misses_the_app_id(send: Send, body: Any, headers: dict[str, str]) -> None:
    status, answer, _ = send("POST", f"/onesignal/players/{PLAYER}/on_focus", body, headers)

    assert status == 400
    assert answer == {
        "errors": ["app_id not found. You may be missing a Content-Type: application/json header."]
    }


@pytest.mark.parametrize(
    ("endpoint", "body", "text"),
    [
        ("on_session", {"timezone": "-28800"}, "timezone must be an integer"),
        ("on_session", {"language": 5}, "language must be a string"),
        ("on_session", {"device_type": True}, "not a valid device_type"),
        ("on_session", {"tags": {"level": 5}}, "tags must be a flat object of strings"),
        ("on_purchase", {}, "purchases must be a list"),
        ("on_purchase", {"purchases": []}, "purchases must be a list"),
        ("on_purchase", {"purchases": [{"sku": "a", "iso": "USD", "amount": "1_0"}]}, "Invalid amount spend"),
        ("on_purchase", {"purchases": [{"sku": "a", "iso": "USD", "amount": True}]}, "Invalid amount spend"),
        (
            "on_purchase",
            {"purchases": [{"sku": "a", "iso": "USD", "amount": "1e400"}]},
            "Invalid amount spend",
        ),
        (
            "on_purchase",
            {"purchases": [{"sku": "a", "iso": "USD", "amount": 10**400}]},
            "Invalid amount spend",
        ),
        ("on_purchase", PURCHASES | {"existing": "true"}, "existing must be a boolean"),
        ("on_focus", {"state": "pong", "active_time": 1}, 'state must be "ping"'),
        ("on_focus", {"state": "ping", "active_time": "60"}, "active_time must be a number of seconds"),
        ("on_focus", {"state": "ping", "active_time": 2**63}, "active_time must be a number of seconds"),
    ],
)
def test_refuses_wrong_types(send: Send, sandbox: Sandbox, endpoint: str, body: Any, text: str) -> None:
    status, answer, _ = send("POST", f"/onesignal/players/{PLAYER}/{endpoint}", APP | body)

    assert (status, answer) == (400, {"errors": [text]})
    assert [entry.verdict for entry in sandbox.ledger("onesignal")] == ["malformed"]


@pytest.mark.parametrize(
    ("player", "body", "text"),
    [
        ("00000000-3289-4651-ad15-3b995718badd", {}, "No user with this id found"),
        (PLAYER, {"device_type": 99}, "not a valid device_type"),
    ],
)
def test_refuses_what_it_alone_can_know(
    send: Send, sandbox: Sandbox, player: str, body: Any, text: str
) -> None:
    status, answer, _ = send("POST", f"/onesignal/players/{player}/on_session", APP | body)

    assert (status, answer) == (400, {"errors": [text]})
    assert [entry.verdict for entry in sandbox.ledger("onesignal")] == ["refused"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/onesignal/players/{PLAYER}/on_focus", 405),
        ("POST", NOTIFICATION, 405),
        ("POST", f"/onesignal/players/{PLAYER}/on_focus/", 404),
        ("POST", "/onesignal/players/../apps", 404),
        ("POST", "/onesignal/players/..%2fapps/on_focus", 400),
    ],
)
def test_sees_paths_and_methods_that_do_not_exist(
    send: Send, sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    assert send(method, path, APP | PING)[0] == status
    assert sandbox.counts()["systems"]["onesignal"]["verdicts"] == {"malformed": 1}
