"""Deactivate is in no document: what the SDKs send goes on unread, and push.express's answer comes back."""

import base64
import json
from typing import Any

import pytest

from gateway.core.errors import Transient
from pushexpress.deactivate_instance import handler

NAME = "pushexpress/deactivate_instance"
PATH = "/api/r/v2/apps/20523-1212/instances/737112/deactivate"
DONE = b'{"id": "737112", "just_created": false}'


@pytest.mark.parametrize(
    "body", [b'{"ic_token": "x"}', b"", b"null", b"not JSON", b"\xff\xfe", b'{"a": 1, "a": NaN}']
)
def test_a_body_goes_on_unread(event: Any, vendor: Any, body: bytes) -> None:
    vendor.says(200, DONE, content_type="application/json")
    made = event(NAME, query=[])
    made |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}

    answer = handler(made)

    (sent,) = vendor.sent
    assert (sent.method, sent.url, sent.body, sent.seconds) == ("POST", PATH, body, 10.0)
    assert sent.headers == ({"Content-Type": "application/json"} if body else {})
    assert (answer["statusCode"], answer["body"]) == (200, DONE.decode())
    assert answer["headers"]["Gateway-Delivery"] == "delivered"


def test_even_an_unread_body_has_its_limit(event: Any, vendor: Any) -> None:
    answer = handler(event(NAME, body="x" * (512 * 1024 + 1)))

    assert (answer["statusCode"], vendor.sent) == (413, [])
    assert json.loads(answer["body"]) == {"message": "Request body is larger than 524288 bytes"}


def test_an_id_as_a_number_becomes_a_text(event: Any, vendor: Any) -> None:
    vendor.says(200, b'{"id": 737112, "just_created": false}')

    assert handler(event(NAME))["body"] == DONE.decode()


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"[]", b'{"id": "7'])
def test_no_usable_answer_is_503(event: Any, vendor: Any, body: bytes) -> None:
    vendor.says(200, body)

    assert handler(event(NAME))["statusCode"] == 503


def test_it_is_never_queued(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, Transient("unreachable")).tasks

    answer = handler(event(NAME))

    assert handler.success.queued is None
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert tasks[0].scope == ("20523-1212", "737112")
