"""The fuzz finds what it looks for: answers and upstream requests that are wrong in one thing each."""

from dataclasses import replace
from typing import Any, cast

import pytest

from gateway.inbound.cors import EXPOSED
from tests.profiles import Profile, nothing_wrong, profiles, vendors
from tests.proofs.fuzz import upstream_requests
from tests.proofs.fuzz.dialects import EDGE, judge, possible_dialects
from tests.proofs.fuzz.http1 import Request, Response
from tests.proofs.fuzz.samples import Sample, samples
from tests.proofs.fuzz.values import PLANTED
from tools.sandbox.client import Entry

CORS = {"access-control-allow-origin": ["*"], "access-control-expose-headers": [EXPOSED]}
JSON = {"content-type": ["application/json"]}
NUMBER = {"gateway-event-id": ["01M7XW7VRZX0B36KC0KMPQDNGM"]}
DELIVERED = {**CORS, **JSON, **NUMBER, "gateway-delivery": ["delivered"]}
REJECTED = {**CORS, **JSON, **NUMBER, "gateway-delivery": ["rejected"], "gateway-error": ["invalid"]}
LOGIN = Request(route="/v1/login", kind="body", target=b"/v1/login/?idApp=1", body=b"{}")
((OWNER, _),) = possible_dialects(LOGIN.target)
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
        (replace(BAD, status=418), f"{OWNER}: status 418"),
        (replace(BAD, body=b'{"message":"Bad Request"}'), f"{OWNER}: not the envelope"),
        (replace(BAD, body=b"Bad Request"), f"{OWNER}: not the envelope"),
        (having(BAD, content_type="text/html"), f"{OWNER}: 400 with Content-Type"),
        (replace(OK, body="{'message':'\u041eK'}".encode()), f"{OWNER}: not its success"),
        (replace(OK, status=202), f"{OWNER}: status 202"),
        (without(OK, "gateway-delivery"), f"{OWNER}: 200 with Gateway-Delivery ''"),
        (having(OK, gateway_delivery="unknown"), f"{OWNER}: 200 with Gateway-Delivery 'unknown'"),
        (having(BAD, gateway_delivery="delivered"), f"{OWNER}: 400 with Gateway-Delivery 'delivered'"),
        (without(OK, "gateway-event-id"), f"{OWNER}: no Gateway-Event-Id"),
        (without(OK, "access-control-allow-origin"), "CORS"),
        (having(BAD, gateway_error="é"), "Gateway-Error"),
        (having(OK, gateway_error="invalid"), "Gateway-Error"),
        (having(BAD, gateway_error=f"{PLANTED} is wrong"), "leak"),
        (having(OK, location="/v1/login"), "header: location"),
        (replace(BAD, body=b'{"error":"Traceback (most recent call last)"}'), "leak"),
        (replace(BAD, body=b'{"error":"local-system-credential"}'), "leak"),
        (replace(BAD, body=b'{"error":"local-client-key"}'), "leak"),
        (replace(having(BAD, allow="POST, OPTIONS"), status=405), f"{OWNER}: 405 with Allow"),
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
    "sample", [one for one in samples() if one.system != EDGE], ids=lambda sample: sample.route
)
def test_a_route_is_answered_by_its_endpoint(sample: Sample) -> None:
    assert possible_dialects(sample.target()) == {(sample.system, sample.name)}


def test_a_path_of_nobody_is_answered_by_the_edge() -> None:
    assert possible_dialects(b"/nope") == {(EDGE, "")}


def test_an_encoded_path_has_several_readings() -> None:
    found = possible_dialects(b"/v1/%2f/login")

    assert {(OWNER, "login"), (OWNER, "")} <= found


SYSTEM, VENDOR = next((name, found) for name, found in vendors().items() if found.authorization(""))
OURS = (VENDOR.authorization("") or "").format(f"local-{SYSTEM}-credential")


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A request with a credential, of a system whose paths are simple."""
    simple = replace(
        profiles()[SYSTEM], vendor=replace(VENDOR, paths="/v1/{account}", problems=nothing_wrong)
    )
    monkeypatch.setitem(cast(dict[str, Profile], profiles()), SYSTEM, simple)
    return Entry(
        number=1,
        at=0,
        system=SYSTEM,
        method=VENDOR.method(""),
        target=f"/{SYSTEM}/v1/ours",
        path="/v1/ours",
        query="",
        headers=(("Host", "127.0.0.1"), ("Authorization", OURS)),
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
        ({"verdict": "malformed"}, "malformed"),
        ({"path": "/v1/../ours"}, "another path than ours"),
        ({"method": "PATCH"}, "another method than ours"),
        ({"target": "/other/v1/ours"}, "another prefix than ours"),
        ({"headers": (("Authorization", "Auth-Token local-client-key"),)}, "a client key went on"),
        ({"headers": (("Authorization", "x"),)}, "another credential than ours"),
        ({"content": b'{"a":"local-client-key"}'}, "a client key went on"),
    ],
)
def test_anything_else_upstream_is_found(entry: Entry, change: dict[str, Any], text: str) -> None:
    assert f"{SYSTEM}: {text}" in list(upstream_requests.judge(replace(entry, **change)))


def test_a_vendor_without_a_profile_is_found(entry: Entry) -> None:
    assert list(upstream_requests.judge(replace(entry, system="nobody"))) == [
        "nobody: another path than ours"
    ]


def test_a_header_of_the_callers_is_found(entry: Entry) -> None:
    changed = replace(entry, headers=(*entry.headers, ("X-Forwarded-For", "192.0.2.7")))

    assert list(upstream_requests.judge(changed)) == [f"{SYSTEM}: headers ['x-forwarded-for']"]
