"""track's bodies, its words for what is no field's fault, its keys, and where its events go."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.errors import Refused, Setup, Transient
from gateway.core.reply import Reply
from gateway.inbound.request import Request
from tests.track.endpoint_client import FORM, EndpointClient
from track.session import handler
from track.system import TrackSettings, store_url, track

TEXT = "text/plain; charset=utf-8"
JSON = {"Content-Type": "application/json"}
NONE = {"Content-Type": None}
GOOD = {"Region": "BR", "SessionID": "a", "RemoteIP": "b", "SessionType": "c"}


@pytest.fixture
def client(event: Any, upstream: Any) -> EndpointClient:
    return EndpointClient(handler, event, upstream)


@pytest.mark.parametrize(
    "headers",
    [FORM, JSON, NONE, {"Content-Type": "text/plain"}, {"Content-Type": "multipart/mixed"}],
    ids=str,
)
def test_a_body_that_begins_like_an_object_is_json(client: EndpointClient, headers: dict[str, Any]) -> None:
    assert client.row(json.dumps(GOOD), headers)["SessionID"] == "a"


@pytest.mark.parametrize("headers", [FORM, JSON, NONE], ids=str)
def test_an_object_after_a_byte_order_mark_is_json(client: EndpointClient, headers: dict[str, Any]) -> None:
    assert client.row("\N{BYTE ORDER MARK}" + json.dumps(GOOD), headers)["SessionID"] == "a"


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/x.y+json"]
)
def test_a_body_that_says_it_is_json_is(client: EndpointClient, kind: str) -> None:
    assert client.row(f" {json.dumps(GOOD)}", {"Content-Type": kind})["SessionID"] == "a"


@pytest.mark.parametrize("headers", [FORM, NONE, {"Content-Type": "text/plain"}], ids=str)
def test_all_else_is_a_form(client: EndpointClient, headers: dict[str, Any]) -> None:
    body = "Region=BR&SessionID=a%2Bb+c&RemoteIP=%F0%9F%92%8E&SessionType=%26"

    stored = client.row(body, headers)

    assert (stored["SessionID"], stored["RemoteIP"], stored["SessionType"]) == ("a+b c", "💎", "&")


def test_scalars_of_json_are_the_text_that_they_are_written_as(client: EndpointClient) -> None:
    body = (
        '{"Region": "BR", "SessionID": 1.50, "RemoteIP": 7, "SessionType": true,'
        ' "ProfileID": 7, "Message": null}'
    )

    stored = client.row(body, JSON)

    assert [stored[name] for name in ("SessionID", "RemoteIP", "SessionType", "ProfileID", "Message")] == [
        *("1.50", "7", "true", 7, "")
    ]


@pytest.mark.parametrize("value", [[], {}, ["a"], {"a": "b"}], ids=str)
def test_no_field_is_a_list_or_an_object(client: EndpointClient, value: Any) -> None:
    text = 'schema: error converting value for "SessionID"'

    assert client.refused_body(GOOD | {"SessionID": value}, JSON) == text


@pytest.mark.parametrize("value", [1.0, 1e2, True, "7 "], ids=str)
def test_an_integer_is_one_in_json_too(client: EndpointClient, value: Any) -> None:
    text = 'schema: error converting value for "ProfileID"'

    assert client.refused_body(GOOD | {"ProfileID": value}, JSON) == text


def test_of_several_spellings_in_json_the_last_wins(client: EndpointClient) -> None:
    assert client.row({**GOOD, "sessionid": "d"}, JSON)["SessionID"] == "d"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("", FORM),
        ("", JSON),
        ("", NONE),
        (None, NONE),
        ("&&", FORM),
        (
            '--b\r\nContent-Disposition: form-data; name="Region"\r\n\r\nBR\r\n--b--',
            "multipart/form-data; boundary=b",
        ),
        ("Region=BR", "multipart/form-data"),
        ("{}", JSON),
        ("\N{BYTE ORDER MARK}", JSON),
        ("\N{BYTE ORDER MARK}", FORM),
    ],
    ids=str,
)
def test_a_body_without_fields_has_no_region(client: EndpointClient, body: Any, headers: Any) -> None:
    sent = {"Content-Type": headers} if isinstance(headers, str) else headers

    assert client.refused_body(body, sent) == "Invalid Region"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{", "invalid JSON"),
        ("null", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('"Region=BR"', "not a JSON object"),
        (" ", "invalid JSON"),
        ('\N{BYTE ORDER MARK}\N{BYTE ORDER MARK}{"Region": "BR"}', None),
        ('{"Region": "BR", "Region": "BR"}', None),
        ('{"Region": NaN}', None),
        ('{"ProfileID": ' + "9" * 5_000 + "}", None),
        ('{"Region": "\\ud800"}', None),
        ('{"Region": ' * 50 + "1" + "}" * 50, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_json_that_cannot_be_read(client: EndpointClient, body: str, text: str | None) -> None:
    answer = client.refused_body(body, JSON)

    assert answer != ""
    assert not answer.startswith(("schema:", "Invalid Region"))
    assert text is None or answer == text


@pytest.mark.parametrize("body", ["Region=%FF", "SessionID=%ED%A0%80", "&".join("a=b" for _ in range(1_001))])
def test_forms_that_cannot_be_read(client: EndpointClient, body: str) -> None:
    assert client.refused_body(body) == "invalid form"


@pytest.mark.parametrize("body", ["null", "\N{BYTE ORDER MARK}Region=BR", " ", '"text"'])
def test_what_is_no_form_is_a_name_that_nobody_knows(client: EndpointClient, body: str) -> None:
    assert client.refused_body(body).startswith("schema: invalid path")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Nope=1", "Nope is not a parameter"),
        ("utm_source-2=1", "utm_source-2 is not a parameter"),
        (' {"Region": "BR", "SessionID": "secret"}', "[name] is not a parameter"),
        ('"secret"', "[name] is not a parameter"),
        ("secret+words=1", "[name] is not a parameter"),
        ("secret@example.com", "[name] is not a parameter"),
        (f"secret{'0' * 64}", "[name] is not a parameter"),
        ("gehei%CC%88m=1", "[name] is not a parameter"),
        ("=secret", "[name] is not a parameter"),
        ("s.e.c.r.e.t.s.a.r.e.secret=1", "[name] is not a parameter"),
    ],
)
def test_the_reason_names_fields_and_never_values(client: EndpointClient, body: str, reason: str) -> None:
    answer = client.send(body)

    assert answer["statusCode"] == 400
    assert reason in answer["headers"]["Gateway-Error"].split("; ")
    assert "secret" not in answer["headers"]["Gateway-Error"]


def test_the_query_string_is_ignored(client: EndpointClient) -> None:
    answer = client.send(client.form(), query=[("Region", "XX"), ("Nope", "1")])

    assert answer["statusCode"] == 201
    assert client.tasks[0].payload.data()["values"]["Region"] == "BR"


def gzipped(event: dict[str, Any], body: bytes) -> dict[str, Any]:
    for kind in ("headers", "multiValueHeaders"):
        event[kind]["Content-Encoding"] = ["gzip"] if kind == "multiValueHeaders" else "gzip"
    return {**event, "body": base64.b64encode(gzip.compress(body)).decode(), "isBase64Encoded": True}


def test_gzip(client: EndpointClient, event: Callable[..., dict[str, Any]]) -> None:
    answer = handler(gzipped(event("track/session"), client.form().encode()))

    assert answer["statusCode"] == 201


@pytest.mark.parametrize("folded", [False, True])
def test_over_the_cap(client: EndpointClient, event: Callable[..., dict[str, Any]], folded: bool) -> None:
    body = b"Message=" + b"x" * 512 * 1024

    answer = handler(gzipped(event("track/session"), body)) if folded else client.send(body.decode())

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (413, TEXT)
    assert answer["body"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_other_methods(client: EndpointClient, method: str) -> None:
    answer = client.send(client.form(), method=method)

    assert (answer["statusCode"], answer["body"]) == (405, "")
    assert answer["headers"]["Allow"] == "POST, OPTIONS"
    assert answer["headers"]["Content-Type"] == TEXT
    assert "Gateway-Delivery" not in answer["headers"]


@pytest.mark.parametrize(
    ("failure", "status", "delivery"),
    [
        (Transient("unreachable"), 503, "unknown"),
        (Transient("timeout", may_have_arrived=True), 503, "unknown"),
        (Setup("table missing"), 503, "unknown"),
        (
            Refused(Reply(status=400, headers={"content-type": TEXT}, body=b"Message is longer")),
            400,
            "rejected",
        ),
        (RuntimeError("a fault of ours"), 503, "unknown"),
    ],
    ids=repr,
)
def test_a_store_that_fails(
    event: Any, upstream: Any, failure: Exception, status: int, delivery: str
) -> None:
    upstream.answers(handler, failure)

    answer = handler(event("track/session"))

    assert answer["statusCode"] == status
    assert answer["headers"]["Content-Type"] == TEXT
    assert answer["headers"]["Gateway-Delivery"] == delivery
    assert "fault of ours" not in answer["body"]
    assert ("Retry-After" in answer["headers"]) == (status == 503)


def test_a_queued_event_is_answered_like_a_stored_one() -> None:
    assert handler.success.queued == handler.success.delivered(Reply(status=201))


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        ({"X-API-Key": "k"}, ["k"]),
        ({"X-API-Key": ["a", "b"]}, ["a", "b"]),
        ({"Authorization": "Bearer k"}, ["k"]),
        ({"Authorization": "bearer   k"}, ["k"]),
        ({"Authorization": "Basic k"}, []),
        ({}, []),
    ],
    ids=str,
)
def test_where_a_client_presents_its_key(event: Any, headers: dict[str, Any], keys: list[str]) -> None:
    request = Request.of(event("track/session", headers=headers), max_body=1_000)

    assert track.presented(request) == keys


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("firehose://", "firehose://the-stream"),
        ("firehose://another", "firehose://another"),
        ("sqlite:////tmp/track.db", "sqlite:////tmp/track.db"),
        ("mysql+pymysql://u@h/d?secret=own", "mysql+pymysql://u@h/d?secret=arn:the-secret"),
        ("mysql+pymysql://u@h/d?tls=on&secret=own", "mysql+pymysql://u@h/d?tls=on&secret=arn:the-secret"),
        ("mysql+pymysql://u@h/d?secret=own&tls=on", "mysql+pymysql://u@h/d?secret=arn:the-secret&tls=on"),
        ("mysql+pymysql://u@h/d?secret=owner", "mysql+pymysql://u@h/d?secret=owner"),
        ("mysql+pymysql://u@h/own", "mysql+pymysql://u@h/own"),
        ("", ""),
    ],
)
def test_the_stacks_own_stream_and_secret(url: str, opened: str) -> None:
    settings = TrackSettings(event_store=url, stream="the-stream", secret="arn:the-secret")

    assert store_url(settings) == opened
