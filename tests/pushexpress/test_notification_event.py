"""Notification events: an empty 202 without a type, and one event of a message is one event."""

import json
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import Transient
from gateway.endpoint import EndpointInput
from gateway.inbound.request import Request
from pushexpress.notification_event import handler

NAME = "pushexpress/notification_event"
PATH = "/api/r/v2/apps/20523-1212/instances/737112/events/notification"
CLICKED = {"msg_id": "1828471_1721.7f288d0f-a026-4960-aa04-0c834f07a3ea.5", "event": "clicked"}


def test_documented_example(event: Any, vendor: Any) -> None:
    made = event(NAME, query=[])

    answer = handler(made)

    (sent,) = vendor.sent
    assert (sent.method, sent.url, sent.body) == ("POST", PATH, made["body"].encode())
    assert sent.seconds == 1.8
    assert (answer["statusCode"], answer["body"], answer["headers"]["Content-Type"]) == (202, "", None)
    assert answer["headers"]["Gateway-Delivery"] == "delivered"


def message_of(event: Any, **parts: Any) -> Any:
    """What the endpoint's function says of a request."""
    request = Request.of(event(NAME, **parts), max_body=1024)
    path = handler.path.model_validate(request.path_values)
    return handler.message(
        EndpointInput(body=handler.body.model_validate(request.json), path=path, request=request)
    )


def test_the_same_event_twice_is_one(event: Any) -> None:
    first, again = message_of(event, body=CLICKED), message_of(event, body=CLICKED | {"extra": 1}, query=[])

    assert (first.key, first.scope) == (again.key, again.scope)
    assert first.scope == ("20523-1212", "737112")
    assert first.good_for is None


@pytest.mark.parametrize(
    "parts",
    [
        {"body": CLICKED | {"event": "delivered"}},
        {"body": CLICKED | {"msg_id": "other"}},
        {"body": {"msg_id": CLICKED["msg_id"] + '","clicked', "event": "x"}},
        {"body": CLICKED, "path": {"ic_id": "737113"}},
        {"body": CLICKED, "path": {"app_id": "20523-1213"}},
    ],
)
def test_another_event_is_another(event: Any, parts: Any) -> None:
    first, other = message_of(event, body=CLICKED), message_of(event, **parts)

    assert (first.key, first.scope) != (other.key, other.scope)


@pytest.mark.parametrize(
    "body",
    [
        CLICKED,
        CLICKED | {"event": "delivered"},
        CLICKED | {"event": "dismissed"},
        {"msg_id": "x", "event": "clicked", "county": "", "ts": 1e-7},
    ],
)
def test_passes_as_received(event: Any, vendor: Any, body: Any) -> None:
    text = json.dumps(body, indent=2)

    assert handler(event(NAME, body=text))["statusCode"] == 202
    assert vendor.sent[0].body == text.encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "msg_id is required; event is required"),
        ({"msg_id": "x"}, "event is required"),
        ({"event": "clicked"}, "msg_id is required"),
        ({"msg_id": "", "event": ""}, "msg_id must not be empty; event must not be empty"),
        ({"msg_id": 7, "event": None}, "msg_id must be a string; event must be a string"),
        ("", "body must be an object"),
        ("null", "not a JSON object"),
        ("\r\n", "invalid JSON"),
    ],
)
def test_refused(event: Any, vendor: Any, body: Any, text: str) -> None:
    answer = handler(event(NAME, body=body))

    assert json.loads(answer["body"]) == {"message": f"validation error: {text}"}
    assert (answer["statusCode"], answer["headers"]["Content-Type"], vendor.sent) == (
        400,
        "application/json",
        [],
    )


def test_strict_keeps_to_the_list(event: Any, strict: Any) -> None:
    answer = strict("notification_event")(event(NAME, body=CLICKED | {"event": "dismissed"}))

    assert json.loads(answer["body"]) == {
        "message": "validation error: event must be one of delivered, clicked"
    }


@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("body", [b"", b"{}", b'{"ok": true}'])
def test_every_success_is_an_empty_202(event: Any, vendor: Any, status: int, body: bytes) -> None:
    vendor.says(status, body, content_type="application/json")

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["body"], answer["headers"]["Content-Type"]) == (202, "", None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_relayed(event: Any, vendor: Any, status: int) -> None:
    vendor.says(status, b'{"message": "request refused"}', content_type="application/json")

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["body"]) == (status, '{"message": "request refused"}')
    assert answer["headers"]["Gateway-Delivery"] == "rejected"


def test_queued_is_answered_like_delivered() -> None:
    queued = handler.success.queued

    assert queued is not None
    assert (queued.status, queued.body, queued.content_type) == (202, b"", None)


@pytest.mark.parametrize("reason", ["unreachable", "timeout", "garbage"])
def test_neither_sent_nor_queued_is_503(
    event: Any, vendor: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = handler.system.settings.model_copy(update={"delivery": "off"})
    monkeypatch.setattr(handler, "system", replace(handler.system, settings=off))
    vendor.outcome = Transient(reason)

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
