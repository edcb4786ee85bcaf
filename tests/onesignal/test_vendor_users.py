"""OneSignal's users model: fields, types, statuses and errors are those of its OpenAPI description."""

from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox
from tools.systems.onesignal.people import onesignal_id

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
NOBODY = f"00000000{PLAYER[8:]}"
APP = "/onesignal/apps/local-onesignal-app"
USER = f"{APP}/users/by/onesignal_id/{onesignal_id(PLAYER)}"
SUBSCRIPTION = f"{APP}/subscriptions/{PLAYER}"
KEY = {"Authorization": "Key local-onesignal-credential"}
HEADERS = KEY | {"OneSignal-Subscription-Id": PLAYER}
PURCHASE = {"sku": "SKU123", "iso": "USD", "amount": "0.99", "count": 1}
TAGS = {str(number): "x" for number in range(100)}


def test_an_identity_leads_to_the_user(send: Send) -> None:
    status, answer, _ = send("GET", f"{SUBSCRIPTION}/user/identity", headers=KEY)

    assert (status, answer) == (200, {"identity": {"onesignal_id": onesignal_id(PLAYER)}})


@pytest.mark.parametrize(
    ("body", "effect"),
    [
        ({"properties": {"language": "en"}, "deltas": {"session_count": 1}}, "on_session"),
        ({"deltas": {"session_time": 60}}, "on_focus"),
        ({"deltas": {"purchases": [PURCHASE]}}, "on_purchase"),
        ({"deltas": {"purchases": [{**PURCHASE, "unknown": 1}]}, "unknown": []}, "on_purchase"),
    ],
)
def test_a_delta_counts_as_the_players_call_does(
    send: Send, sandbox: Sandbox, body: Any, effect: str
) -> None:
    answers = [send("PATCH", USER, body, HEADERS)[:2] for _ in range(2)]

    assert answers == [(202, {"properties": body.get("properties", {})})] * 2
    counts = sandbox.counts()
    assert counts["systems"]["onesignal"]["effects"] == {effect: {"taken": 2, "distinct": 1, "repeated": 1}}
    assert [one["scope"] for one in counts["repeated"]] == [PLAYER]


@pytest.mark.parametrize(
    ("path", "body", "status", "effect"),
    [
        (USER, {"properties": {"tags": TAGS}}, 202, "update_user"),
        (USER, {"refresh_device_metadata": False}, 202, "update_user"),
        (USER, {}, 202, "update_user"),
        (SUBSCRIPTION, {"subscription": {"token": "t", "device_os": "7"}}, 200, "update_subscription"),
        (SUBSCRIPTION, {"subscription": {"app_version": "1", "sdk": "2"}}, 200, "update_subscription"),
    ],
)
def test_what_sets_values_may_be_repeated(
    send: Send, sandbox: Sandbox, path: str, body: Any, status: int, effect: str
) -> None:
    answers = [send("PATCH", path, body, HEADERS)[0] for _ in range(2)]

    assert answers == [status] * 2
    counts = sandbox.counts()
    assert counts["systems"]["onesignal"]["effects"] == {effect: {"taken": 2, "distinct": 1, "repeated": 0}}
    assert counts["repeated"] == []


def test_an_updated_subscription_is_answered_with_nothing(send: Send) -> None:
    assert send("PATCH", SUBSCRIPTION, {"subscription": {}}, HEADERS)[:2] == (200, b"")


def test_a_user_is_updated_without_naming_a_subscription(send: Send, sandbox: Sandbox) -> None:
    assert send("PATCH", USER, {"deltas": {"session_count": 1}}, KEY)[0] == 404
    send("GET", f"{SUBSCRIPTION}/user/identity", headers=KEY)

    assert send("PATCH", USER, {"deltas": {"session_count": 1}}, KEY)[0] == 202
    assert sandbox.counts()["systems"]["onesignal"]["verdicts"] == {"refused": 1, "taken": 2}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("PATCH", USER, {"deltas": {"session_time": "60"}}, HEADERS, 400),
        ("PATCH", USER, {"deltas": {"session_time": 2**31}}, HEADERS, 400),
        ("PATCH", USER, {"deltas": {"session_count": True}}, HEADERS, 400),
        ("PATCH", USER, {"deltas": {"purchases": [PURCHASE | {"amount": 0.99}]}}, HEADERS, 400),
        ("PATCH", USER, {"deltas": {"purchases": [{"sku": "a", "amount": "1"}]}}, HEADERS, 400),
        ("PATCH", USER, {"deltas": []}, HEADERS, 400),
        ("PATCH", USER, {"properties": {"tags": {"level": 5}}}, HEADERS, 400),
        ("PATCH", USER, {"properties": {"tags": TAGS, "language": "en"}}, HEADERS, 400),
        ("PATCH", USER, {"properties": {"timezone_id": -28800}}, HEADERS, 400),
        ("PATCH", USER, {"refresh_device_metadata": "no"}, HEADERS, 400),
        ("PATCH", USER, b"", HEADERS, 400),
        ("PATCH", USER, {}, HEADERS | {"Content-Type": "text/plain"}, 400),
        ("PATCH", SUBSCRIPTION, {"subscription": {"sdk": 2}}, HEADERS, 400),
        ("PATCH", SUBSCRIPTION, {"subscription": None}, HEADERS, 400),
        ("POST", USER, {}, HEADERS, 405),
        ("PATCH", f"{SUBSCRIPTION}/user/identity", {}, HEADERS, 405),
        ("PATCH", USER.replace("local-onesignal-app", "other"), {}, HEADERS, 404),
        ("GET", f"{APP}/subscriptions/..%2f/user/identity", b"", HEADERS, 404),
    ],
)
def test_refuses_what_does_not_validate(
    send: Send, sandbox: Sandbox, method: str, path: str, body: Any, headers: dict[str, str], status: int
) -> None:
    answered, answer, _ = send(method, path, body, headers)

    assert answered == status
    assert set(answer["errors"][0]) == {"code", "title"}
    assert [entry.verdict for entry in sandbox.ledger("onesignal")] == ["malformed"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", USER), ("PATCH", SUBSCRIPTION), ("GET", f"{SUBSCRIPTION}/user/identity")],
)
@pytest.mark.parametrize("key", [{}, {"Authorization": "Basic local-onesignal-credential"}])
def test_every_call_needs_the_key(send: Send, method: str, path: str, key: dict[str, str]) -> None:
    status, answer, _ = send(method, path, {}, {"OneSignal-Subscription-Id": PLAYER} | key)

    assert status == 403
    assert answer["errors"][0].startswith("Access denied.")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (409, {"code": "entitlements-tag-limit"}),
        (400, "Bad request"),
        (503, "Service temporarily unavailable"),
    ],
)
def test_fails_in_its_own_words(send: Send, sandbox: Sandbox, status: int, error: Any) -> None:
    sandbox.fault("status", status=status)

    answered, answer, _ = send("PATCH", USER, {}, HEADERS)

    (found,) = answer["errors"]
    assert answered == status
    assert found == error or found.items() > error.items()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("PATCH", f"{APP}/users/by/onesignal_id/{onesignal_id(NOBODY)}", "user-0"),
        ("PATCH", f"{APP}/subscriptions/{NOBODY}", "subscription-0"),
        ("GET", f"{APP}/subscriptions/{NOBODY}/user/identity", "subscription-0"),
    ],
)
def test_knows_no_subscription_of_zeros(
    send: Send, sandbox: Sandbox, method: str, path: str, code: str
) -> None:
    status, answer, _ = send(method, path, {}, KEY | {"OneSignal-Subscription-Id": NOBODY})

    assert (status, answer["errors"][0]["code"]) == (404, code)
    assert [entry.verdict for entry in sandbox.ledger("onesignal")] == ["refused"]
