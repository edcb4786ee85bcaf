"""Create: the app hears push.express's own id as a text, or an error; the gateway never makes one up."""

import json
from typing import Any

import pytest

from gateway.core.errors import Transient
from pushexpress.create_instance import handler

NAME = "pushexpress/create_instance"
PATH = "/api/r/v2/apps/20523-1212/instances"
TOKEN = "212604ab-4b19-4d24-b8ec-3b8bac401a6a"
CREATED = b'{"id": "737112", "just_created": true}'


def test_documented_example(event: Any, vendor: Any) -> None:
    vendor.says(200, CREATED, content_type="application/json")
    made = event(NAME, query=[])

    answer = handler(made)

    (sent,) = vendor.sent
    assert (sent.method, sent.url, sent.body) == ("POST", PATH, made["body"].encode())
    assert sent.headers == {"Content-Type": "application/json"}
    assert sent.seconds == 10.0
    assert (answer["statusCode"], answer["body"]) == (200, CREATED.decode())
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"
    assert answer["headers"]["Gateway-Delivery"] == "delivered"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"


def test_the_call_is_the_tokens(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, Transient("unreachable")).tasks

    handler(event(NAME))

    assert tasks[0].scope == ("20523-1212", TOKEN)
    assert tasks[0].payload.data()["path"] == "/instances"  # the app's real id is put in when it is sent
    assert tasks[0].expires_at is None


@pytest.mark.parametrize(
    "body",
    [
        {"ic_token": "x"},
        {"ic_token": "not a UUID, and with spaces"},
        {"ic_token": "é漢🙂"},
        {"ic_token": "x" * 255},
        {"ic_token": "x", "ext_id": None},
        {"ic_token": "x", "ext_id": "a user", "unknown": {"kept": [1, None]}},
    ],
)
def test_passes_as_received(event: Any, vendor: Any, body: Any) -> None:
    vendor.says(200, CREATED)
    text = json.dumps(body, indent=3, ensure_ascii=False)

    assert handler(event(NAME, body=text))["statusCode"] == 200
    assert vendor.sent[0].body == text.encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "ic_token is required"),
        ({"ext_id": ""}, "ic_token is required"),
        ({"ic_token": ""}, "ic_token must be 1 to 255 printable characters"),
        ({"ic_token": "x" * 256}, "ic_token must be 1 to 255 printable characters"),
        ({"ic_token": "x\n"}, "ic_token must be 1 to 255 printable characters"),
        ({"ic_token": "x\u0000"}, "ic_token must be 1 to 255 printable characters"),
        ({"ic_token": None}, "ic_token must be a string"),
        ({"ic_token": 7}, "ic_token must be a string"),
        ({"ic_token": True}, "ic_token must be a string"),
        ({"ic_token": ["x"]}, "ic_token must be a string"),
        ({"ic_token": "x", "ext_id": 7}, "ext_id must be a string"),
        ({"ic_token": 1, "ext_id": 7}, "ic_token must be a string; ext_id must be a string"),
        ("", "body must be an object"),
        (" ", "invalid JSON"),
        ("null", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('"ic_token"', "not a JSON object"),
        ("{", "invalid JSON"),
        ("\ufeff{}", "ic_token is required"),
        ("\ufeff", "body must be an object"),
        ('{"ic_token": NaN}', "NaN is not JSON"),
        ('{"ic_token": "a", "ic_token": "b"}', "a JSON object names a key twice"),
        ('{"ic_token": "\\ud800"}', "a lone surrogate is not text"),
        ("[" * 40 + "]" * 40, "JSON nested deeper than 32 levels"),
        ('{"ic_token": "a", "n": ' + "9" * 5000 + "}", "a number of more than 1000 digits"),
        ("ic_token=x", "invalid JSON"),
    ],
)
def test_refused(event: Any, vendor: Any, body: Any, text: str) -> None:
    answer = handler(event(NAME, body=body))

    assert json.loads(answer["body"]) == {"message": f"validation error: {text}"}
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (400, "application/json")
    assert (answer["headers"]["Gateway-Delivery"], vendor.sent) == ("rejected", [])


def test_a_byte_order_mark_is_not_sent_on(event: Any, vendor: Any) -> None:
    vendor.says(200, b'{"id": "7", "just_created": true}', content_type="application/json")

    assert handler(event(NAME, body='\ufeff{"ic_token": "x"}'))["statusCode"] == 200
    assert vendor.sent[0].body == b'{"ic_token": "x"}'


def test_strict_asks_for_a_uuid(event: Any, strict: Any) -> None:
    answer = strict("create_instance")(event(NAME, body={"ic_token": "x"}))

    assert json.loads(answer["body"]) == {"message": "validation error: ic_token must be a UUID"}


def test_an_id_as_a_number_becomes_a_text(event: Any, vendor: Any) -> None:
    vendor.says(200, b'{ "id" : 737112,\n "just_created":true }', content_type="application/json")

    assert handler(event(NAME))["body"] == '{ "id" : "737112",\n "just_created":true }'


@pytest.mark.parametrize("status", [201, 202, 203])
def test_a_success_is_always_200(event: Any, vendor: Any, status: int) -> None:
    vendor.says(status, CREATED)

    assert handler(event(NAME))["statusCode"] == 200


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>Sign in to the Wi-Fi</html>"),
        (200, b'{"id": "737'),
        (200, b"null"),
        (200, b'"737112"'),
        (200, b'["737112"]'),
        (200, b"{}"),
        (200, b'{"id": ""}'),
        (200, b'{"id": null}'),
        (200, b'{"id": true}'),
        (200, b'{"id": {"id": "737112"}}'),
        (200, b'{"id": "1", "id": "2"}'),
        (202, b""),
        (204, b""),
        (301, b""),
        (302, CREATED),
        (304, b""),
    ],
)
def test_no_usable_answer_is_503(event: Any, vendor: Any, status: int, body: bytes) -> None:
    vendor.says(status, body, content_type="text/html", location="https://example.com/")

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert json.loads(answer["body"]) == {"message": "The upstream cannot be reached; try again later"}
    assert (answer["headers"]["Content-Type"], answer["headers"]["Gateway-Delivery"]) == (
        "application/json",
        "unknown",
    )


@pytest.mark.parametrize("reason", ["unreachable", "timeout", "reset", "truncated", "too large"])
def test_none_is_503_too(event: Any, vendor: Any, reason: str) -> None:
    vendor.outcome = Transient(reason)

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert answer["headers"]["Gateway-Delivery"] == "unknown"


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        *((status, "rejected") for status in (400, 401, 402, 403, 404, 408, 409, 413, 422, 429)),
        *((status, "unknown") for status in (500, 501, 502, 503, 504)),
    ],
)
def test_upstream_errors_are_relayed(event: Any, vendor: Any, status: int, delivery: str) -> None:
    said = b'{"message":  "validation error: \xc3\xa9"}'
    vendor.says(status, said, content_type="application/json", retry_after="77", server="nginx")

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["body"].encode()) == (status, said)
    assert (answer["headers"]["Content-Type"], answer["headers"]["Retry-After"]) == ("application/json", "77")
    assert (answer["headers"]["Gateway-Delivery"], "Server" in answer["headers"]) == (delivery, False)


def test_a_proxys_empty_504_is_relayed(event: Any, vendor: Any) -> None:
    vendor.says(504)

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["body"], answer["headers"]["Content-Type"]) == (504, "", None)


def test_other_types_of_errors_are_bytes_to_a_browser(event: Any, vendor: Any) -> None:
    vendor.says(403, b"\xff\xfe", content_type="image/svg+xml")

    answer = handler(event(NAME))

    assert (answer["isBase64Encoded"], answer["body"]) == (True, "//4=")
    assert answer["headers"]["Content-Type"] == "application/octet-stream"
