"""push.express through the deployed API: the document's examples, the SDKs' quirks, and a bare 202."""

import gzip
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fixtures.api import Api
from tests.sample_events import load_event

APP = "/api/r/v2/apps/20523-1212/instances"
INSTANCE = f"{APP}/737112"
CREATED = {"id": "737112", "just_created": True}
UPDATED = {"id": "737112", "update_interval_sec": 120}

EXAMPLES: dict[str, tuple[str, str, int, Any]] = {
    "create_instance": ("POST", APP, 200, CREATED),
    "update_instance": ("PUT", f"{INSTANCE}/info", 200, UPDATED),
    "notification_event": ("POST", f"{INSTANCE}/events/notification", 202, None),
    "lifecycle_event": ("POST", f"{INSTANCE}/events/lifecycle", 202, None),
    "deactivate_instance": ("POST", f"{INSTANCE}/deactivate", 200, {"id": "737112", "just_created": False}),
}


@pytest.mark.parametrize("end", ["", "/", "?origin=droid", "/?origin=a%2Bb&origin=c"])
@pytest.mark.parametrize("endpoint", EXAMPLES)
def test_documented_examples(api: Api, endpoint: str, end: str) -> None:
    method, path, status, said = EXAMPLES[endpoint]
    body = load_event(f"pushexpress/{endpoint}")["body"]

    response = api.ask(method, path + end, body, {"Content-Type": "application/json"})

    assert (response.status, response.json if response.body else None) == (status, said)
    assert response.headers["gateway-delivery"] == "delivered"
    assert response.headers["access-control-allow-origin"] == "*"
    (request,) = api.upstream_requests("pushexpress")
    assert (request.method, request.path, request.query) == (method, path, end.partition("?")[2])
    assert request.content.decode() == body
    assert request.verdict == "taken"


@pytest.mark.parametrize("endpoint", ["notification", "lifecycle"])
def test_a_202_is_bare_on_the_wire(api: Api, endpoint: str) -> None:
    at = urlsplit(api.stack.url)
    body = load_event(f"pushexpress/{endpoint}_event")["body"].encode()
    asked = (
        f"POST {INSTANCE}/events/{endpoint} HTTP/1.1\r\nHost: {at.netloc}\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()

    with socket.create_connection((at.hostname, at.port), timeout=60) as wire:
        wire.sendall(asked + body)
        head, _, rest = b"".join(iter(lambda: wire.recv(65536), b"")).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 202 ")
    assert b"content-type" not in head.lower()
    assert rest == b""


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}]
)
def test_a_heartbeat_has_no_body(api: Api, headers: dict[str, str]) -> None:
    response = api.ask("POST", f"{INSTANCE}/events/lifecycle?origin=droid", headers=headers)

    assert (response.status, response.body) == (202, b"")
    (request,) = api.upstream_requests("pushexpress")
    assert (request.query, request.content, request.header("Content-Type")) == ("origin=droid", b"", None)


@pytest.mark.parametrize(
    "quirk",
    [
        {"transport_type": "fcm.data"},
        {"transport_type": "webpush", "transport_token": '{"endpoint":"https://push.example/x","keys":{}}'},
        {"country": ""},
        {"country": None, "lang": ""},
        {"country": "br", "county": "BR"},
        {"platform_name": "Mozilla/5.0 (Linux; Android 10; K) é" + "x" * 165},
        {"notif_perm_granted": True, "tz_name": "Europe/Berlin", "onscreen_start_ts": 1700000000},
    ],
)
def test_what_sdks_send_passes_as_received(api: Api, quirk: dict[str, Any]) -> None:
    body = json.dumps(
        {"transport_type": "fcm", "platform_type": "android"} | quirk, indent=1, ensure_ascii=False
    )

    response = api.ask("PUT", f"{INSTANCE}/info", body, {"Content-Type": "text/plain"})

    assert (response.status, response.json) == (200, UPDATED)
    (request,) = api.upstream_requests("pushexpress")
    assert (request.content.decode(), request.header("Content-Type")) == (body, "application/json")


def test_a_folded_body_is_unfolded(api: Api) -> None:
    body = b'{"event":"closed"}'

    folded = {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    response = api.ask("POST", f"{INSTANCE}/events/lifecycle", gzip.compress(body), folded)

    assert response.status == 202
    (request,) = api.upstream_requests("pushexpress")
    assert (request.content, request.header("Content-Encoding")) == (body, None)


@pytest.mark.parametrize(
    ("method", "path", "body", "text"),
    [
        ("POST", APP, {}, "ic_token is required"),
        ("POST", APP, "", "body must be an object"),
        ("POST", APP, "null", "not a JSON object"),
        ("POST", APP, " ", "invalid JSON"),
        ("POST", APP, "\ufeff", "body must be an object"),
        ("POST", APP, "\ufeff{}", "ic_token is required"),
        ("POST", APP, "ic_token=x", "invalid JSON"),
        ("PUT", f"{INSTANCE}/info", {}, "transport_type is required; platform_type is required"),
        ("POST", f"{INSTANCE}/events/notification", {"event": "clicked"}, "msg_id is required"),
        ("POST", f"{INSTANCE}/events/lifecycle", {}, "event is required"),
        ("POST", f"{APP}/{'x' * 65}/deactivate", {}, "ic_id must be 1 to 64 letters, digits, - or _"),
        ("POST", f"{APP}/%252e%252e/deactivate", {}, "ic_id must be 1 to 64 letters, digits, - or _"),
    ],
)
def test_bad_input_reaches_nobody(api: Api, method: str, path: str, body: Any, text: str) -> None:
    response = api.ask(method, path, body)

    assert (response.status, response.json) == (400, {"message": f"validation error: {text}"})
    assert (response.headers["content-type"], response.headers["gateway-delivery"]) == (
        "application/json",
        "rejected",
    )
    assert api.upstream_requests("pushexpress") == []


def test_unknown_apps_paths_and_methods(api: Api) -> None:
    unknown = api.ask("POST", f"/api/r/v2/apps/{'x' * 65}/instances", {"ic_token": "x"})
    doubled = api.ask("POST", "/api/r/v2//apps/20523-1212/instances", {"ic_token": "x"})
    wrong = api.ask("GET", f"{INSTANCE}/info")

    assert (unknown.status, unknown.json) == (404, {"message": "Unknown app_id"})
    assert (doubled.status, doubled.json) == (404, {"message": "Not found"})
    assert (wrong.status, wrong.json, wrong.headers["allow"]) == (
        405,
        {"message": "Method not allowed"},
        "PUT, OPTIONS",
    )
    assert api.upstream_requests("pushexpress") == []


@pytest.mark.parametrize(
    ("fault", "status", "delivery"),
    [
        ({"fault": "status", "status": 400}, 400, "rejected"),
        ({"fault": "status", "status": 401}, 401, "rejected"),
        ({"fault": "status", "status": 403}, 403, "rejected"),
        ({"fault": "status", "status": 429, "headers": {"Retry-After": "7"}}, 429, "rejected"),
        ({"fault": "status", "status": 500}, 500, "unknown"),
        ({"fault": "status", "status": 504, "body": ""}, 504, "unknown"),
        ({"fault": "html"}, 503, "unknown"),
        ({"fault": "empty"}, 503, "unknown"),
        ({"fault": "malformed-json"}, 503, "unknown"),
        ({"fault": "truncated-body"}, 503, "unknown"),
        ({"fault": "redirect"}, 503, "unknown"),
        ({"fault": "reset"}, 503, "unknown"),
        ({"fault": "accept-then-reset"}, 503, "unknown"),
    ],
    ids=lambda value: value["fault"] + str(value.get("status", "")) if isinstance(value, dict) else None,
)
@pytest.mark.parametrize("endpoint", ["create_instance", "update_instance", "deactivate_instance"])
def test_where_only_push_express_can_answer(
    api: Api, endpoint: str, fault: dict[str, Any], status: int, delivery: str
) -> None:
    api.sandbox.fault(system="pushexpress", next=1, **fault)
    method, path, _, _ = EXAMPLES[endpoint]

    response = api.ask(method, path, load_event(f"pushexpress/{endpoint}")["body"])

    assert (response.status, response.headers["gateway-delivery"]) == (status, delivery)
    assert ("retry-after" in response.headers) == (status == 429 or status >= 500)
    if status == 503:
        assert response.json == {"message": "The upstream cannot be reached; try again later"}
    if status == 429:
        assert response.headers["retry-after"] == "7"


def test_an_id_is_a_text(api: Api) -> None:
    api.sandbox.fault(
        system="pushexpress",
        next=1,
        fault="status",
        status=200,
        headers={"Content-Type": "application/json"},
        body='{ "id": 737112, "just_created": true }',
    )

    response = api.ask("POST", APP, {"ic_token": "x"})

    assert (response.status, response.body) == (200, b'{ "id": "737112", "just_created": true }')


def test_a_browser_may_ask_first(api: Api) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Headers": "content-type"}

    response = api.ask("OPTIONS", f"{INSTANCE}/info", headers=asked)

    assert (response.status, response.body) == (204, b"")
    assert response.headers["access-control-allow-methods"] == "PUT, OPTIONS"
