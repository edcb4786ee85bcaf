"""push.express gives stable ids, answers events with nothing at all, and words its validation errors."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.sandbox import Send
from tools.sandbox.client import Sandbox

APP = "/pushexpress/api/r/v2/apps/20523-1212/instances"
INSTANCE = f"{APP}/737112"
TOKEN = {"ic_token": "212604ab-4b19-4d24-b8ec-3b8bac401a6a", "ext_id": ""}
INFO = {
    "transport_type": "fcm",
    "transport_token": "dmC6c1abSiaSszJTAGhDpr:APA91bG",
    "platform_type": "android",
    "platform_name": "android_api_33",
    "ext_id": "user",
    "lang": "en",
    "country": "BR",
    "tz_sec": -3600,
    "tags": {"offer": "google_ads_12321"},
}
CLICKED = {"msg_id": "1828471_1721.7f288d0f-a026-4960-aa04-0c834f07a3ea.5", "event": "clicked"}


def test_an_instance_is_created_once(send: Send) -> None:
    other = {"ic_token": "another"}

    assert send("POST", APP, TOKEN)[:2] == (200, {"id": "737112", "just_created": True})
    assert send("POST", APP + "?origin=droid", TOKEN)[:2] == (200, {"id": "737112", "just_created": False})
    assert send("POST", APP, other)[1] == {"id": "737113", "just_created": True}
    assert send("POST", APP.replace("1212", "1"), TOKEN)[1] == {"id": "737114", "just_created": True}


def test_an_external_id_leads_to_its_instance(send: Send) -> None:
    send("POST", APP, {"ic_token": "first", "ext_id": "user"})

    assert send("POST", APP, {"ic_token": "second", "ext_id": "user"})[1] == {
        "id": "737112",
        "just_created": False,
    }


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"transport_type": "fcm.data", "country": "", "lang": "", "county": "br"},
        {"country": None, "notif_perm_granted": True, "tz_name": "Europe/Madrid", "onscreen_count": 3},
    ],
)
def test_takes_an_info(send: Send, more: dict[str, object]) -> None:
    assert send("PUT", f"{INSTANCE}/info", INFO | more)[:2] == (
        200,
        {"id": "737112", "update_interval_sec": 120},
    )


@pytest.mark.parametrize(
    ("event", "body"),
    [("notification", CLICKED), ("lifecycle", {"event": "onscreen"}), ("lifecycle", b"")],
)
def test_an_event_is_accepted_without_type_or_body(
    sandbox: Sandbox, send: Send, event: str, body: Any
) -> None:
    status, answer, headers = send("POST", f"{INSTANCE}/events/{event}", body)

    assert (status, answer) == (202, b"")
    assert headers == {"Content-Length": "0"}
    assert sandbox.counts()["systems"]["pushexpress"]["effects"][f"events/{event}"]["taken"] == 1


def test_the_bytes_of_an_accepted_event(dial: Callable[[], socket.socket]) -> None:
    connection = dial()

    connection.sendall(
        f"POST {INSTANCE}/events/lifecycle HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    connection.shutdown(socket.SHUT_WR)

    assert connection.makefile("rb").read() == (
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


def test_deactivates_whatever_the_body(send: Send) -> None:
    assert send("POST", f"{INSTANCE}/deactivate", b"{")[:2] == (200, {"id": "737112", "just_created": False})


@pytest.mark.parametrize(
    ("method", "path", "body", "text"),
    [
        ("POST", APP, {}, "ic_token is required"),
        ("POST", APP, {"ic_token": 5}, "ic_token is required"),
        ("POST", APP, {"ic_token": "a\nb"}, "ic_token is not 1 to 255 printable characters"),
        ("POST", APP, {"ic_token": "a", "ext_id": 5}, "ext_id is not a string"),
        ("POST", APP, b"", "body is not an object"),
        ("POST", APP, b"{", "body is not JSON"),
        ("PUT", f"{INSTANCE}/info", {"transport_type": "fcm"}, "platform_type is required"),
        ("PUT", f"{INSTANCE}/info", INFO | {"lang": 5}, "lang is not a string"),
        ("PUT", f"{INSTANCE}/info", INFO | {"tz_sec": "-3600"}, "tz_sec is not an integer"),
        ("PUT", f"{INSTANCE}/info", INFO | {"tags": {"offer": 5}}, "tags is not a map of strings"),
        ("POST", f"{INSTANCE}/events/notification", {"event": "clicked"}, "msg_id is required"),
        ("POST", f"{INSTANCE}/events/lifecycle", {}, "event is required"),
    ],
)
def test_words_what_is_wrong(
    send: Send, sandbox: Sandbox, method: str, path: str, body: Any, text: str
) -> None:
    status, answer, headers = send(method, path, body)

    assert (status, answer) == (400, {"message": f"validation error: {text}"})
    assert headers["Content-Type"] == "application/json"
    assert [entry.verdict for entry in sandbox.ledger("pushexpress")] == ["malformed"]


@pytest.mark.parametrize(
    ("method", "path", "status", "verdict"),
    [
        ("POST", f"{INSTANCE}/info", 405, "malformed"),
        ("POST", f"{APP}/", 404, "malformed"),
        ("POST", APP.replace("/apps", "//apps"), 404, "malformed"),
        ("POST", f"{APP}/..%2f1/deactivate", 404, "malformed"),
        ("POST", f"{APP}/unknown-7/deactivate", 404, "refused"),
    ],
)
def test_knows_its_routes(
    send: Send, sandbox: Sandbox, method: str, path: str, status: int, verdict: str
) -> None:
    assert send(method, path, INFO)[0] == status
    assert [entry.verdict for entry in sandbox.ledger("pushexpress")] == [verdict]
