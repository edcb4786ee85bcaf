"""OneSignal with several apps: each has its own key and its own players, in both models."""

from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox
from tools.systems.onesignal.app import credential
from tools.systems.onesignal.people import onesignal_id

LOCAL = "local-onesignal-app"
IOS = "5eb5a37e-b458-11e3-ac11-000c2940e62c"
ANDROID = "0aa3b1a2-b458-11e3-ac11-000c2940e62c"
PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
NOTIFICATION = "f84e3ac6-399e-43b7-90fa-ea0fff0668bf"


def calls(app: str, key: str) -> dict[str, tuple[str, str, Any, dict[str, str]]]:
    """Every call, by name: method, path, body and headers."""
    headers = {"Authorization": f"Key {key}", "OneSignal-Subscription-Id": PLAYER}
    of_app, focus = f"/onesignal/apps/{app}", {"app_id": app, "state": "ping", "active_time": 1}
    return {
        "focus": ("POST", f"/onesignal/players/{PLAYER}/on_focus", focus, {}),
        "open": ("PUT", f"/onesignal/notifications/{NOTIFICATION}", {"app_id": app, "opened": True}, headers),
        "messages": ("GET", f"/onesignal/notifications?app_id={app}&limit=1", b"", headers),
        "identity": ("GET", f"{of_app}/subscriptions/{PLAYER}/user/identity", b"", headers),
        "subscription": ("PATCH", f"{of_app}/subscriptions/{PLAYER}", {"subscription": {}}, headers),
        "user": ("PATCH", f"{of_app}/users/by/onesignal_id/{onesignal_id(PLAYER)}", {}, headers),
    }


ALL = tuple(calls(LOCAL, ""))
SIGNED = tuple(name for name in ALL if name != "focus")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("app", [LOCAL, IOS])
def test_an_app_takes_its_own_calls_and_the_ledger_names_it(
    send: Send, sandbox: Sandbox, app: str, name: str
) -> None:
    status = send(*calls(app, credential(app))[name])[0]

    assert status in (200, 202)
    assert [entry.account for entry in sandbox.ledger("onesignal")] == [app]


@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize(("app", "key"), [(IOS, LOCAL), (IOS, ANDROID), (LOCAL, IOS)])
def test_another_apps_key_is_as_good_as_none(
    send: Send, sandbox: Sandbox, app: str, key: str, name: str
) -> None:
    status, answer, _ = send(*calls(app, credential(key))[name])

    assert status == 403
    assert answer["errors"][0].startswith("Access denied.")
    assert [(entry.account, entry.verdict) for entry in sandbox.ledger()] == [(app, "malformed")]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("app", [IOS.upper(), "my-app", f"{IOS}0"])
def test_what_is_no_app_id_is_not_found(send: Send, app: str, name: str) -> None:
    status, answer, _ = send(*calls(app, credential(LOCAL))[name])

    assert status in (400, 404)
    assert "app_id not found" in str(answer["errors"])


@pytest.mark.parametrize("first", ["focus", "identity", "subscription", "user"])
@pytest.mark.parametrize("name", ["focus", "identity", "subscription", "user"])
def test_a_player_belongs_to_the_app_that_named_them_first(
    send: Send, sandbox: Sandbox, first: str, name: str
) -> None:
    send(*calls(IOS, credential(IOS))[first])

    assert send(*calls(ANDROID, credential(ANDROID))[name])[0] == (400 if name == "focus" else 404)
    assert send(*calls(IOS, credential(IOS))[name])[0] in (200, 202)
    assert [entry.verdict for entry in sandbox.ledger()] == ["taken", "refused", "taken"]


def test_an_app_is_named_where_a_fault_keeps_the_request_from_the_vendor(
    send: Send, sandbox: Sandbox
) -> None:
    sandbox.fault("status", status=503)

    for call in calls(IOS, credential(IOS)).values():
        send(*call)

    assert {(entry.account, entry.verdict) for entry in sandbox.ledger()} == {(IOS, None)}
