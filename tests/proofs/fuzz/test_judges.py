"""The fuzz finds what it looks for: answers and upstream requests that are wrong in one thing each."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.inbound.cors import EXPOSED
from tests.proofs.fuzz import upstream_requests
from tests.proofs.fuzz.dialects import judge, possible_dialects
from tests.proofs.fuzz.http1 import Request, Response
from tests.proofs.fuzz.values import PLANTED
from tools.sandbox.client import Entry

CORS = {"access-control-allow-origin": ["*"], "access-control-expose-headers": [EXPOSED]}
JSON = {"content-type": ["application/json"]}
NUMBER = {"gateway-event-id": ["01M7XW7VRZX0B36KC0KMPQDNGM"]}
DELIVERED = {**CORS, **JSON, **NUMBER, "gateway-delivery": ["delivered"]}
REJECTED = {**CORS, **JSON, **NUMBER, "gateway-delivery": ["rejected"], "gateway-error": ["invalid"]}
LOGIN = Request(route="/v1/login", kind="body", target=b"/v1/login/?idApp=1", body=b"{}")
OK = Response(status=200, headers=DELIVERED, body=b'{"message":"OK"}')
BAD = Response(status=400, headers=REJECTED, body=b'{"error":"Bad Request"}')


@pytest.mark.parametrize("response", [OK, BAD])
def test_what_the_contract_says_passes(response: Response) -> None:
    assert judge(LOGIN, response) == []


def without(response: Response, name: str) -> Response:
    return replace(
        response, headers={other: value for other, value in response.headers.items() if other != name}
    )


def having(response: Response, **headers: str) -> Response:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return replace(response, headers={**response.headers, **named})


@pytest.mark.parametrize(
    ("response", "rule"),
    [
        (Response(status=0, failure="TimeoutError"), "no answer"),
        (replace(BAD, status=500), "5xx"),
        (replace(BAD, status=418), "mytracker: status 418"),
        (replace(BAD, body=b'{"message":"Bad Request"}'), "mytracker: not the envelope"),
        (replace(BAD, body=b"Bad Request"), "mytracker: not the envelope"),
        (having(BAD, content_type="text/html"), "mytracker: 400 with Content-Type"),
        (replace(OK, body="{'message':'\u041eK'}".encode()), "mytracker: not its success"),
        (replace(OK, status=202), "mytracker: status 202"),
        (without(OK, "gateway-delivery"), "mytracker: 200 with Gateway-Delivery ''"),
        (having(OK, gateway_delivery="unknown"), "mytracker: 200 with Gateway-Delivery 'unknown'"),
        (having(BAD, gateway_delivery="delivered"), "mytracker: 400 with Gateway-Delivery 'delivered'"),
        (without(OK, "gateway-event-id"), "mytracker: no Gateway-Event-Id"),
        (without(OK, "access-control-allow-origin"), "CORS"),
        (having(BAD, gateway_error="é"), "Gateway-Error"),
        (having(OK, gateway_error="invalid"), "Gateway-Error"),
        (having(BAD, gateway_error=f"{PLANTED} is wrong"), "leak"),
        (having(OK, location="/v1/login"), "header: location"),
        (replace(BAD, body=b'{"error":"Traceback (most recent call last)"}'), "leak"),
        (replace(BAD, body=b'{"error":"local-mytracker-credential"}'), "leak"),
        (replace(BAD, body=b'{"error":"local-client-key"}'), "leak"),
        (replace(having(BAD, allow="POST, OPTIONS"), status=405), "mytracker: 405 with Allow"),
        (
            Response(status=403, headers={**CORS, **JSON, "access-control-expose-headers": ["Retry-After"]}),
            "own",
        ),
    ],
)
def test_what_it_forbids_is_found(response: Response, rule: str) -> None:
    found = judge(LOGIN, response)

    assert any(text.startswith(rule) for text in found), found


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (b"/v1/login/?idApp=1", {("mytracker", "mytracker.login")}),
        (b"/v1/userInfo", {("mytracker", "mytracker.other_method")}),
        (b"/v1/track", {("track", "")}),
        (b"/v1/track/user", {("track", "track.user")}),
        (b"/api/1.0/track/session", {("track", "track.session")}),
        (b"/api/v4/p/session/u", {("trax", "trax.session")}),
        (b"/api/r/v3/x", {("pushexpress", "")}),
        (b"/api/r/", {("pushexpress", "")}),
        (b"/v1/", {("mytracker", "")}),
        (b"/nope", {("edge", "")}),
        (b"/v2/instances/a/b", {("onesignal", "")}),
    ],
)
def test_whose_dialect_a_path_is(target: bytes, found: set[tuple[str, str]]) -> None:
    assert possible_dialects(target) == found


def test_an_encoded_path_has_several_readings() -> None:
    found = possible_dialects(b"/v1/%2f/login")

    assert {("mytracker", "mytracker.login"), ("mytracker", "")} <= found


@pytest.fixture
def entry() -> Entry:
    return Entry(
        number=1,
        at=0,
        system="trax",
        method="PUT",
        target="/trax/api/v4/p/sessions/u",
        path="/api/v4/p/sessions/u",
        query="",
        headers=(("Host", "127.0.0.1"), ("Authorization", "Auth-Token local-trax-credential")),
        content=b"{}",
        status=200,
        verdict="taken",
        fault=None,
    )


def test_our_own_request_passes(entry: Entry) -> None:
    assert list(upstream_requests.judge(entry)) == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"verdict": "malformed"}, "trax: malformed"),
        ({"path": "/api/v4/p/sessions/../u"}, "trax: another path than ours"),
        ({"target": "/mytracker/api/v4/p/sessions/u"}, "trax: another prefix than ours"),
        ({"headers": (("Authorization", "Auth-Token local-client-key"),)}, "trax: a client key went on"),
        ({"headers": (("Authorization", "x"),)}, "trax: another credential than ours"),
        ({"content": b'{"a":"local-client-key"}'}, "trax: a client key went on"),
        ({"system": "onesignal", "path": "/players/x/on_session"}, "onesignal: another path than ours"),
    ],
)
def test_anything_else_upstream_is_found(entry: Entry, change: dict[str, Any], text: str) -> None:
    assert text in list(upstream_requests.judge(replace(entry, **change)))


def test_a_header_of_the_callers_is_found(entry: Entry) -> None:
    changed = replace(entry, headers=(*entry.headers, ("X-Forwarded-For", "192.0.2.7")))

    assert list(upstream_requests.judge(changed)) == ["trax: headers ['x-forwarded-for']"]


def test_another_app_is_found(entry: Entry) -> None:
    path = "/players/fe3bcc9f-3289-4651-ad15-3b995718badd/on_session"
    changed = replace(
        entry,
        system="onesignal",
        target=f"/onesignal{path}",
        path=path,
        headers=(),
        content=b'{"app_id":"another"}',
    )

    assert list(upstream_requests.judge(changed)) == ["onesignal: another app id than ours"]
