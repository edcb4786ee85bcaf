"""Whatever a client sends: host, path, credentials and app id of what goes out are ours."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.profiles import Profile, VendorRequest, profiles
from tests.safety.outside import (
    AWS,
    CLIENT_KEY,
    CREDENTIALS,
    ENDPOINTS,
    OTHER_KEY,
    OWN_SETTINGS,
    QUEUE,
    RECORDS,
    STREAM,
    Outside,
    SentRequest,
    base,
    deploy,
    sample,
    success,
)
from tests.sample_events import Event, with_header, with_query

EVIL = "evil.example"

ATTACKS = st.sampled_from(
    [
        EVIL,
        f"https://{EVIL}/",
        f"//{EVIL}/",
        f"@{EVIL}",
        f":pw@{EVIL}",
        f"x\r\nHost: {EVIL}",
        f"x%0d%0aHost:%20{EVIL}",
        "..",
        "../../../admin",
        "%2e%2e%2fadmin",
        "%252e%252e%252fadmin",
        "..;/admin",
        "a/b",
        "a%2Fb",
        "a\\b",
        "a?idApp=2",
        "a#b",
        "a b",
        "a\x00b",
        "",
        "null",
        "6660002",
        "other-project",
        "20523-1213",
        "20523-9999",
        "*",
        OTHER_KEY,
        f"Auth-Token {OTHER_KEY}",
        "Key stolen",
        "Basic c3RvbGVu",
        *CREDENTIALS.values(),
    ]
)
TEXTS = ATTACKS | st.text(max_size=40)

FIELDS = st.sampled_from(
    [
        "app_id",
        "App_Id",
        "appId",
        "idApp",
        "idapp",
        " idApp",
        "idApp[]",
        "idApp\x00",
        "included_segments",
        "url",
        "host",
        "path",
        "method",
        "_method",
        "headers",
        "authorization",
        "Authorization",
        "api_key",
        "_api_key",
        "user_key",
        "project_name",
        "session_uid",
        "player_id",
        "ic_id",
        "account",
        "Kind",
        "GatewayEventID",
        "Created",
        "EventID",
        "dt",
        "__proto__",
    ]
)
NAMES = FIELDS | st.text(max_size=20)

HEADERS = st.sampled_from(
    [
        "Host",
        "X-Forwarded-Host",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "Forwarded",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "User-Agent",
        "Content-Type",
        "Transfer-Encoding",
        "Connection",
        "X-Amz-Target",
        "X-Amz-Security-Token",
    ]
)

JSON = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def attacked(draw: Callable[..., Any], module: str) -> dict[str, Any]:
    """The endpoint's sample event, changed in one to four places."""
    event = sample(module)
    for change in draw(st.lists(st.sampled_from([_path, _query, _header, _body]), min_size=1, max_size=4)):
        change(draw, event)
    return event


def _path(draw: Callable[..., Any], event: dict[str, Any]) -> None:
    if event["pathParameters"]:
        name = draw(st.sampled_from(sorted(event["pathParameters"])))
        event["pathParameters"][name] = draw(TEXTS)


def _query(draw: Callable[..., Any], event: dict[str, Any]) -> None:
    pairs = [
        (name, value)
        for name, values in (event["multiValueQueryStringParameters"] or {}).items()
        for value in values
    ]
    pairs.insert(draw(st.integers(0, len(pairs))), (draw(NAMES), draw(TEXTS)))
    with_query(event, pairs)


def _header(draw: Callable[..., Any], event: dict[str, Any]) -> None:
    name = draw(HEADERS)
    # A caller whose key is unknown gets nowhere; that is another test.
    if name != "Authorization" or "X-Api-Key" in event["headers"]:
        with_header(event, name, draw(TEXTS))


def _json(body: str | None) -> Any:
    """An object, or an array that begins with one; None for any other body, such as a form's."""
    try:
        value = json.loads(body or "")
    except ValueError:  # a drawn text may begin like JSON
        return None
    first = value[0] if isinstance(value, list) and value else value
    return value if isinstance(first, dict) else None


def _body(draw: Callable[..., Any], event: dict[str, Any]) -> None:
    body = event["body"]
    value = _json(body)
    if value is None:
        added = f"{draw(NAMES)}={draw(TEXTS)}"
        event["body"] = f"{body}&{added}" if draw(st.booleans()) else draw(TEXTS)
        return
    target = value[0] if isinstance(value, list) else value
    inner = [one for one in (target, *target.values()) if isinstance(one, dict)]
    into = draw(st.sampled_from(inner))
    if into and draw(st.booleans()):
        into[draw(st.sampled_from(sorted(into)))] = draw(JSON)
    else:
        into[draw(NAMES)] = draw(JSON)
    event["body"] = json.dumps(value)


@pytest.mark.parametrize("module", ENDPOINTS)
def test_no_client_leads_a_request_elsewhere(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)
    told = 0

    @settings(max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(event=attacked(module))
    def attack(event: dict[str, Any]) -> None:
        nonlocal told
        outside.sent.clear()
        outside.items.clear()

        answer = handler(event)

        assert answer["statusCode"] < 500, answer
        for sent in outside.sent:
            check(module, sent, answer)
        told += len([one for one in outside.sent if is_delivery(one)])

    attack()
    assert told >= 5, "nearly every attack was refused, so that nothing was tried"


def is_delivery(sent: SentRequest) -> bool:
    """Whether it tells a vendor, or the event store, of an event."""
    return not sent.service or sent.service.endswith("PutRecordBatch")


def check(module: str, sent: SentRequest, answer: dict[str, Any]) -> None:
    """What must hold of every request that leaves."""
    if sent.service:
        check_aws(module, sent, answer)
        return
    profile, vendor = ENDPOINTS[module].profile, ENDPOINTS[module].vendor
    assert vendor is not None
    # As requests sends it, which normalises what it is given.
    url = urlsplit(requests.Request(sent.method, sent.url).prepare().url or "")
    path = url.path.removeprefix("/base")

    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{base(profile.name)}{path}"
    assert sent.method == vendor.method(path)
    assert re.fullmatch(vendor.paths.replace("{account}", profile.accounts), path), path
    further = {name.lower(): value for name, value in sent.headers.items() if name.lower() in vendor.headers}
    assert {name.lower() for name in sent.headers} <= {"content-type", "authorization", *further}
    assert sent.headers.get("Content-Type", "application/json") == "application/json"
    assert EVIL not in "".join(sent.headers.values())
    expected = vendor.authorization(path)
    credential = CREDENTIALS[profile.account or "*"]
    assert sent.headers.get("Authorization") == (expected and expected.format(credential))
    received = VendorRequest(
        endpoint=ENDPOINTS[module].function.name,
        path=path,
        query=url.query,
        body=sent.body,
        account=profile.account,
        headers=further,
    )
    assert list(vendor.problems(received)) == []


def check_aws(module: str, sent: SentRequest, answer: dict[str, Any]) -> None:
    """AWS's own endpoint, and the things of the stack alone."""
    asked = json.loads(sent.body)

    assert urlsplit(sent.url).netloc == urlsplit(AWS).netloc
    assert asked.get("SecretId", "our-secret") == "our-secret"
    assert asked.get("QueueUrl", QUEUE) == QUEUE
    assert asked.get("TableName", RECORDS) == RECORDS
    assert asked.get("DeliveryStreamName", STREAM) == STREAM
    if sent.service.endswith("PutRecordBatch"):
        (record,) = [json.loads(base64.b64decode(one["Data"])) for one in asked["Records"]]
        assert record["Kind"] == f"{ENDPOINTS[module].function.name.capitalize()}Event"
        assert record["GatewayEventID"] == answer["headers"]["Gateway-Event-Id"]
        assert "EventID" not in record
        assert record.keys().isdisjoint({"dt", "__proto__"})


def _with_another_key(profile: Profile) -> Callable[[Event], object]:
    return lambda event: profile.present(event, OTHER_KEY)


FOREIGN = [
    (f"{name}.{endpoint}", change)
    for name, profile in profiles().items()
    for endpoint, change in profile.foreign
] + [
    (f"{name}.{profile.typical}", _with_another_key(profile))
    for name, profile in profiles().items()
    if profile.client_keys != "never"
]


@pytest.mark.parametrize(("module", "change"), FOREIGN)
def test_what_a_key_is_not_for_is_not_reached(
    module: str, change: Callable[[dict[str, Any]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    event = sample(module)
    change(event)

    answer = deploy(module, outside, monkeypatch)(event)

    assert answer["statusCode"] in (400, 401, 403, 404)
    assert [one for one in outside.sent if is_delivery(one)] == []
    assert outside.of_aws("SendMessage") == []


@pytest.mark.parametrize("module", ENDPOINTS)
def test_a_queued_call_holds_no_credential_no_client_key_and_no_app_id_of_ours(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    event = sample(module)

    deploy(module, outside, monkeypatch, delivery="queued")(event)

    queued = [message["MessageBody"] for message in outside.of_aws("SendMessage")]
    assert len(queued) == (ENDPOINTS[module].function.name not in ENDPOINTS[module].profile.unqueued)
    for text in queued:
        call = json.loads(text)
        shown = text + base64.b64decode(call["payload"].get("body", "")).decode()
        for secret in (*CREDENTIALS.values(), CLIENT_KEY, *OWN_SETTINGS):
            assert secret not in shown
