"""OneSignal's user model: identities are stable, and changes are checked like the documents' examples."""

from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox
from tools.systems.onesignal.vendor_users import onesignal_id

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
APP = "/onesignal/apps/local-onesignal-app"
USER = f"{APP}/users/by/onesignal_id/{onesignal_id(PLAYER)}"
SUBSCRIPTION = f"{APP}/subscriptions/{PLAYER}"
HEADERS = {"Authorization": "Key local-onesignal-credential", "OneSignal-Subscription-Id": PLAYER}
PURCHASE = {"sku": "SKU123", "iso": "USD", "amount": "0.99", "count": 1}


def test_an_identity_leads_to_the_user(send: Send) -> None:
    status, answer, _ = send("GET", f"{SUBSCRIPTION}/user/identity")

    assert (status, answer) == (200, {"identity": {"onesignal_id": onesignal_id(PLAYER)}})


@pytest.mark.parametrize(
    "body",
    [
        {"properties": {"language": "en", "tags": {"level": "5"}}, "deltas": {"session_count": 1}},
        {"deltas": {"session_time": 60}},
        {"deltas": {"purchases": [PURCHASE]}},
    ],
)
def test_updates_a_user(send: Send, sandbox: Sandbox, body: Any) -> None:
    status, answer, _ = send("PATCH", USER, body, HEADERS)

    assert (status, answer) == (202, {"properties": body.get("properties", {})})
    assert sandbox.counts()["systems"]["onesignal"]["effects"]["update_user"]["taken"] == 1


def test_updates_a_subscription(send: Send) -> None:
    update = {"subscription": {"token": "t", "device_os": "7", "app_version": "1", "sdk": "2"}}

    assert send("PATCH", SUBSCRIPTION, update, HEADERS)[:2] == (202, {})


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("PATCH", USER, {"deltas": {}}, {"Authorization": HEADERS["Authorization"]}, 400),
        ("PATCH", USER, {}, {"OneSignal-Subscription-Id": PLAYER}, 403),
        ("PATCH", USER, {"deltas": {"session_time": "60"}}, HEADERS, 400),
        ("PATCH", USER, {"deltas": {"purchases": [PURCHASE | {"amount": 0.99}]}}, HEADERS, 400),
        ("PATCH", USER, {"properties": {"tags": {"level": 5}}}, HEADERS, 400),
        ("PATCH", USER, b"", HEADERS, 400),
        ("PATCH", SUBSCRIPTION, {"subscription": {"sdk": 2}}, HEADERS, 400),
        ("PATCH", SUBSCRIPTION, {}, HEADERS, 400),
        ("POST", USER, {}, HEADERS, 405),
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


def test_knows_no_subscription_of_zeros(send: Send, sandbox: Sandbox) -> None:
    assert send("GET", f"{APP}/subscriptions/00000000{PLAYER[8:]}/user/identity")[0] == 404
    assert [entry.verdict for entry in sandbox.ledger("onesignal")] == ["refused"]
