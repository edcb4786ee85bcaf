"""MyTracker imports single events and batches, all or nothing, and checks in the order of its contract."""

from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox

TOKEN = {"Authorization": "local-mytracker-credential"}
LVID = "0" * 32
UUID = "00000000-0000-0000-0000-000000000000"
EVENT = {
    "customUserId": "1",
    "customEventName": "levelUp",
    "customEventParams": {"level": "2"},
    "idGender": "1",
    "age": "25",
    "eventTimestamp": "1580213208",
    "instanceId": UUID,
}
REVENUE = {"customUserId": "1", "idTransaction": "order1", "currency": "USD", "total": 1.99}


def import_path(method: str) -> str:
    return f"/mytracker/v1/{method}/?idApp=666"


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("registration", {"customUserId": "1111", "lvid": LVID}),
        (
            "registrationBatch",
            [{"customUserId": "1111", "lvid": LVID}, {"customUserId": "2222", "lvid": LVID}],
        ),
        ("login", {"customUserId": 1111}),
        ("loginBatch", [{"customUserId": "1111"}] * 20),
        ("customEvent", EVENT),
        ("customEvent", {"lvid": LVID, "customEventName": "a", "customEventParams": []}),
        ("customEventBatch", [EVENT]),
        ("customRevenue", REVENUE | {"ipv4": "125.125.125.125", "total": "1.99"}),
        ("customRevenueBatch", [REVENUE, REVENUE | {"ipv6": "2001:0db8:85a3:0000:0000:8a2e:0370:7334"}]),
        ("appStoreVerify", {"anything": 1}),
        ("order", {"anything": 1}),
    ],
)
def test_imports(send: Send, method: str, body: Any) -> None:
    status, answer, headers = send("POST", import_path(method), body, TOKEN)

    assert (status, answer) == (200, {"message": "OK"})
    assert headers == {"Content-Type": "application/json", "Content-Length": "17"}


def test_an_event_is_the_same_effect_alone_and_in_a_batch(send: Send, sandbox: Sandbox) -> None:
    send(
        "POST",
        import_path("login"),
        b'{"lvid": "00000000000000000000000000000000", "customUserId":"1"}',
        TOKEN,
    )
    send(
        "POST", import_path("loginBatch"), [{"customUserId": "1", "lvid": LVID}, {"customUserId": "2"}], TOKEN
    )

    counts = sandbox.counts()
    assert counts["systems"]["mytracker"]["effects"] == {"login": {"taken": 3, "distinct": 2, "repeated": 1}}
    assert [(effect["scope"], effect["times"]) for effect in counts["repeated"]] == [("666", 2)]


def test_answers_its_sdks_questions(send: Send) -> None:
    assert send("POST", "/mytracker/v1/version")[:2] == (200, {"version": "1.0.0"})
    assert send("POST", "/mytracker/v1/test-app-access?idApp=666", b"true", TOKEN)[0] == 200
    assert send("POST", "/mytracker/v1/test-app-access?idApp=666", b"true")[0] == 403


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "text"),
    [
        ("/mytracker/v2/nothing/", {}, b"", 400, "Bad api version"),
        ("/mytracker/v1/nothing/", {}, b"", 404, "Method not found"),
        ("/mytracker/v1/login/x", TOKEN, b"{}", 404, "Method not found"),
        (import_path("login"), {}, b"", 403, "Forbidden"),
        (import_path("login"), {"Authorization": "Bearer local-mytracker-credential"}, b"", 403, "Forbidden"),
        ("/mytracker/v1/login/", TOKEN, b"", 403, "Forbidden"),
        ("/mytracker/v1/login/?idApp=1&idApp=1", TOKEN, b"", 403, "Forbidden"),
        ("/mytracker/v1/login/?idApp=x", TOKEN, b"", 403, "Forbidden"),
        (import_path("login"), TOKEN, b"", 400, "Empty post data"),
        (import_path("login"), TOKEN, b"{" * 10_241, 400, "Bad Request"),
        (import_path("login"), TOKEN, b"{" * 10_240, 400, "Bad json"),
        (import_path("login"), TOKEN, b"[]", 400, "Bad Request"),
    ],
)
def test_checks_in_the_order_of_the_contract(
    send: Send, sandbox: Sandbox, path: str, headers: dict[str, str], body: bytes, status: int, text: str
) -> None:
    assert send("POST", path, body, headers)[:2] == (status, {"error": text})
    assert [entry.verdict for entry in sandbox.ledger("mytracker")] == ["malformed"]


@pytest.mark.parametrize(
    ("method", "body", "reason"),
    [
        ("registration", {"lvid": LVID}, "customUserId is required"),
        ("customEvent", {"customEventName": "a"}, "a user or device identifier is required"),
        ("customRevenue", REVENUE | {"total": "1,99"}, "total is not valid"),
        ("customRevenue", REVENUE | {"total": -1}, "total is not valid"),
        ("customRevenue", REVENUE | {"total": True}, "total is not valid"),
        ("customRevenue", REVENUE | {"currency": "USDT"}, "currency is not valid"),
        ("customEvent", EVENT | {"customEventParams": {"level": 2}}, "customEventParams is not valid"),
        ("customEvent", EVENT | {"customEventParams": {"": "2"}}, "customEventParams is not valid"),
        ("customEvent", EVENT | {"customEventName": "a" * 256}, "customEventName is not valid"),
        ("login", {"customUserId": ""}, "customUserId is not valid"),
        ("login", {"customUserId": "1", "eventTimestamp": 1577191920000}, "eventTimestamp is not valid"),
        ("login", {"customUserId": "1", "eventTimestamp": " 5"}, "eventTimestamp is not valid"),
        ("login", {"customUserId": "1", "age": 129}, "age is not valid"),
        ("login", {"customUserId": "1", "idGender": True}, "idGender is not valid"),
        ("login", {"customUserId": "1", "lvid": "0"}, "lvid is not valid"),
        ("login", {"customUserId": "1", "ipv4": "1.2.3"}, "ipv4 is not valid"),
        ("login", {"customUserId": "1", "ipv6": "fe80::1%eth0"}, "ipv6 is not valid"),
        ("loginBatch", [], "not an array of 1 to 20"),
        ("loginBatch", [{"customUserId": "1"}] * 21, "not an array of 1 to 20"),
        ("loginBatch", {"customUserId": "1"}, "not an array of 1 to 20"),
        ("loginBatch", [{"customUserId": "1"}, {}], "customUserId is required"),
    ],
)
def test_refuses_what_does_not_validate(
    send: Send, sandbox: Sandbox, method: str, body: Any, reason: str
) -> None:
    status, answer, headers = send("POST", import_path(method), body, TOKEN)

    assert (status, answer) == (400, {"error": "Bad Request"})
    assert headers["Sandbox-Reason"] == reason
    assert sandbox.counts()["systems"]["mytracker"]["effects"] == {}


def test_a_field_of_another_event_is_an_unknown_one(send: Send) -> None:
    assert send("POST", import_path("login"), {"customUserId": "1", "idTransaction": 0}, TOKEN)[0] == 200


@pytest.mark.parametrize("method", ["test-app-access", "userInfo", "orderAdd"])
def test_has_no_opinion_on_a_body_that_no_document_describes(
    send: Send, sandbox: Sandbox, method: str
) -> None:
    assert send("POST", import_path(method), b"\xff not json", TOKEN)[0] == 200
    assert [entry.verdict for entry in sandbox.ledger("mytracker")] == ["taken"]


def test_takes_nothing_but_post(send: Send) -> None:
    assert send("GET", import_path("login"), b"", TOKEN)[0] == 405
