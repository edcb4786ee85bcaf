"""Reading an API Gateway event: bytes, gzip, base64, sizes, path values, repeated headers."""

import base64
import gzip
from typing import Any

import pytest

from gateway.core.errors import TooLarge, Unreadable
from gateway.inbound.request import Request


def request(**event: Any) -> Request:
    return Request.of(event, max_body=1000)


def test_a_bare_event_is_read() -> None:
    read = request()

    assert (read.method, read.resource, read.body, read.query, read.headers) == ("", "", b"", (), {})
    assert len(read.event_id) == 26


def test_path_values_are_decoded_once() -> None:
    assert request(pathParameters={"uid": "a%2Db"}).path_values == {"uid": "a-b"}
    assert request(pathParameters={"uid": "%252e%252e%252f"}).path_values == {"uid": "%2e%2e%2f"}


def test_repeats_are_kept_and_names_lowered() -> None:
    read = request(
        multiValueHeaders={"Authorization": ["a", "b"], "X-One": ["1"]},
        multiValueQueryStringParameters={"origin": ["a+b", "c"]},
    )

    assert read.headers["authorization"] == ("a", "b")
    assert (read.header("Authorization".lower()), read.header("x-one")) == ("", "1")
    assert read.query == (("origin", "a+b"), ("origin", "c"))


def test_single_value_maps_will_do() -> None:
    read = request(headers={"A": "1"}, queryStringParameters={"q": "2"})

    assert (read.header("a"), read.query) == ("1", (("q", "2"),))


def test_bodies_plain_base64_gzip() -> None:
    packed = base64.b64encode(gzip.compress(b'{"a":1}')).decode()

    assert request(body='{"a":1}').json == {"a": 1}
    assert request(body=base64.b64encode(b'{"a":1}').decode(), isBase64Encoded=True).json == {"a": 1}
    assert request(body=packed, isBase64Encoded=True, headers={"Content-Encoding": "GZIP"}).json == {"a": 1}
    assert request(body="☃").body == "☃".encode()


@pytest.mark.parametrize("content", [b'{"a":1}', b"", b"\xef\xbb\xbf", b"a=1"])
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_document_begins_after_the_byte_order_mark(content: bytes, encoding: str) -> None:
    sent = b"\xef\xbb\xbf" + content
    packed = base64.b64encode(gzip.compress(sent) if encoding else sent).decode()

    read = request(body=packed, isBase64Encoded=True, headers={"Content-Encoding": encoding})

    assert (read.body, read.document) == (sent, content)


def test_sizes_to_the_byte() -> None:
    bomb = base64.b64encode(gzip.compress(b"x" * 1001)).decode()

    assert len(request(body="x" * 1000).body) == 1000
    for event in (
        {"body": "x" * 1001},
        {"body": bomb, "isBase64Encoded": True, "headers": {"content-encoding": "gzip"}},
    ):
        with pytest.raises(TooLarge):
            _ = request(**event).body


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "x"])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(Unreadable, match="unsupported Content-Encoding"):
        _ = request(body="x", headers={"Content-Encoding": encoding}).body


def test_what_is_not_gzip_is_refused() -> None:
    with pytest.raises(Unreadable, match="invalid gzip"):
        _ = request(body="x", headers={"Content-Encoding": "gzip"}).body
