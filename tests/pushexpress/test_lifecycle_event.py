"""Lifecycle events are of use for two minutes; a heartbeat without a body is for now or never."""

import base64
import gzip
import json
from typing import Any

import pytest

from gateway.core.errors import Transient
from pushexpress.lifecycle_event import handler

NAME = "pushexpress/lifecycle_event"
PATH = "/api/r/v2/apps/20523-1212/instances/737112/events/lifecycle"
DOWN = Transient("unreachable")


def test_documented_example(event: Any, vendor: Any) -> None:
    made = event(NAME, query=[])

    answer = handler(made)

    (sent,) = vendor.sent
    assert (sent.method, sent.url, sent.body) == ("POST", PATH, b'{"event": "onscreen"}')
    assert sent.seconds == 1.8
    assert (answer["statusCode"], answer["body"], answer["headers"]["Content-Type"]) == (202, "", None)
    assert answer["headers"]["Gateway-Delivery"] == "delivered"


def test_it_is_of_use_for_two_minutes(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DOWN).tasks

    handler(event(NAME))

    assert tasks[0].expires_at == int(tasks[0].received_at) + 120
    assert tasks[0].may_wait
    assert tasks[0].scope == ("20523-1212", "737112")


@pytest.mark.parametrize(
    "parts",
    [
        {"body": None},
        {"body": ""},
        {"body": None, "headers": {"Content-Type": None}},
        {"body": None, "headers": {"Content-Type": "text/plain"}},
    ],
)
def test_a_heartbeat_without_a_body_goes_on_without_one(event: Any, vendor: Any, parts: Any) -> None:
    answer = handler(event(NAME, query=[("origin", "droid")], **parts))

    (sent,) = vendor.sent
    assert (sent.url, sent.body, sent.headers) == (f"{PATH}?origin=droid", b"", {})
    assert sent.seconds == 10.0  # nothing is kept for later: it has the longer time
    assert (answer["statusCode"], answer["body"], answer["headers"]["Content-Type"]) == (202, "", None)


def test_a_folded_nothing_is_a_heartbeat_too(event: Any, vendor: Any) -> None:
    made = event(NAME, headers={"Content-Encoding": "gzip"})
    made |= {"body": base64.b64encode(gzip.compress(b"")).decode(), "isBase64Encoded": True}

    assert (handler(made)["statusCode"], vendor.sent[0].body) == (202, b"")


def test_a_byte_order_mark_alone_is_a_heartbeat(event: Any, vendor: Any) -> None:
    assert handler(event(NAME, body="\ufeff"))["statusCode"] == 202
    assert (vendor.sent[0].body, "Content-Type" in vendor.sent[0].headers) == (b"", False)


def test_a_heartbeat_is_never_queued(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, DOWN).tasks

    answer = handler(event(NAME, body=None))

    assert not tasks[0].may_wait
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert answer["headers"]["Gateway-Delivery"] == "unknown"


def test_a_heartbeats_error_is_relayed(event: Any, vendor: Any) -> None:
    vendor.says(500, b'{"message": "internal error"}', content_type="application/json")

    answer = handler(event(NAME, body=None))

    assert (answer["statusCode"], answer["body"]) == (500, '{"message": "internal error"}')


@pytest.mark.parametrize(
    "body",
    [
        {"event": "background"},
        {"event": "closed", "onscreen_start_ts": 1700000000.25},
        {"event": "resumed"},
    ],
)
def test_passes_as_received(event: Any, vendor: Any, body: Any) -> None:
    assert handler(event(NAME, body=body))["statusCode"] == 202
    assert vendor.sent[0].body == json.dumps(body).encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "event is required"),
        ({"onscreen_start_ts": 1}, "event is required"),
        ({"event": ""}, "event must not be empty"),
        ({"event": None}, "event must be a string"),
        ({"event": 7}, "event must be a string"),
        ("null", "not a JSON object"),
        ("[]", "not a JSON object"),
        (" ", "invalid JSON"),
    ],
)
def test_refused(event: Any, vendor: Any, body: Any, text: str) -> None:
    answer = handler(event(NAME, body=body))

    assert json.loads(answer["body"]) == {"message": f"validation error: {text}"}
    assert (answer["statusCode"], vendor.sent) == (400, [])


def test_strict_keeps_to_the_list(event: Any, strict: Any) -> None:
    answer = strict("lifecycle_event")(event(NAME, body={"event": "resumed"}))

    assert json.loads(answer["body"]) == {
        "message": "validation error: event must be one of onscreen, background, closed"
    }


def test_strict_lets_a_heartbeat_pass(event: Any, strict: Any, upstream: Any) -> None:
    handler = strict("lifecycle_event")
    tasks = upstream.answers(handler, DOWN).tasks

    handler(event(NAME, body=None))

    assert len(tasks) == 1
