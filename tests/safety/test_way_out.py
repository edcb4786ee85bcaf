"""Whatever a client sends: host, path, credentials and app id of what goes out are ours."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.safety.outside import (
    APP,
    AWS,
    CLIENT_KEY,
    CREDENTIALS,
    ENDPOINTS,
    ONESIGNAL_APP,
    OTHER_APP,
    OTHER_KEY,
    PROJECT,
    QUEUE,
    RECORDS,
    STREAM,
    Outside,
    Sent,
    base,
    deploy,
    sample,
    success,
    with_header,
    with_query,
)

EVIL = "evil.example"

ANSWERED_BY_THE_VENDOR = {
    "pushexpress.create_instance",
    "pushexpress.update_instance",
    "pushexpress.deactivate_instance",
    "mytracker.version",
    "mytracker.test_app_access",
    "mytracker.other_method",
}
"""Endpoints that are never queued."""

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
        OTHER_APP,
        "other-project",
        "20523-1213",
        "20523-9999",
        "*",
        OTHER_KEY,
        f"Auth-Token {OTHER_KEY}",
        "Key stolen",
        "Basic c3RvbGVu",
        CREDENTIALS[OTHER_APP],
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

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
WORD = r"[A-Za-z0-9_-]{1,100}"

PATHS = {
    "onesignal": rf"/players/{UUID}/on_(?:session|purchase|focus)|/notifications/{UUID}",
    "trax": rf"/api/v[0-9]{{1,3}}/{PROJECT}/sessions/{WORD}",
    "pushexpress": rf"/api/r/v2/apps/20523-121[23]/instances"
    rf"(?:/{WORD}/(?:info|deactivate|events/(?:notification|lifecycle)))?",
    "mytracker": r"/v1/(?:[A-Za-z0-9]{1,64}|test-app-access)/?",
}
"""What may stand behind a vendor's base URL; the only project and the only apps that the caller may use."""


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


def _body(draw: Callable[..., Any], event: dict[str, Any]) -> None:
    body = event["body"]
    if body is None or not body.startswith(("{", "[{")):
        added = f"{draw(NAMES)}={draw(TEXTS)}"
        event["body"] = f"{body}&{added}" if draw(st.booleans()) else draw(TEXTS)
        return
    value = json.loads(body)
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


def is_delivery(sent: Sent) -> bool:
    """Whether it tells a vendor, or the event store, of an event."""
    return not sent.service or sent.service.endswith("PutRecordBatch")


def check(module: str, sent: Sent, answer: dict[str, Any]) -> None:
    """What must hold of every request that leaves."""
    if sent.service:
        check_aws(module, sent, answer)
        return
    system = module.partition(".")[0]
    # As requests sends it, which normalises what it is given.
    url = urlsplit(requests.Request(sent.method, sent.url).prepare().url or "")

    assert f"{url.scheme}://{url.netloc}" == base(system).removesuffix("/base")
    assert url.fragment == ""
    assert sent.method == (
        "PUT" if module in {"onesignal.track_open", "trax.session", "pushexpress.update_instance"} else "POST"
    )
    assert re.fullmatch(rf"/base(?:{PATHS[system]})", url.path), url.path
    assert sent.headers.keys() <= {"Content-Type", "Authorization"}
    assert sent.headers.get("Content-Type", "application/json") == "application/json"
    assert EVIL not in "".join(sent.headers.values())
    globals()[f"check_{system}"](module, sent, parse_qsl(url.query, keep_blank_values=True))


def check_onesignal(module: str, sent: Sent, query: list[tuple[str, str]]) -> None:
    """One app id, ours; the key for notifications alone."""
    pairs = json.loads(sent.body, object_pairs_hook=list)

    assert [value for name, value in pairs if name == "app_id"] == [ONESIGNAL_APP]
    assert query == []
    expected = "Key credential-of-everybody" if module == "onesignal.track_open" else None
    assert sent.headers.get("Authorization") == expected


def check_trax(module: str, sent: Sent, query: list[tuple[str, str]]) -> None:
    """The project's own token."""
    assert sent.headers["Authorization"] == f"Auth-Token {CREDENTIALS[PROJECT]}"
    assert query == []


def check_pushexpress(module: str, sent: Sent, query: list[tuple[str, str]]) -> None:
    """There is no credential; which apps may pass is in the path's pattern."""
    assert "Authorization" not in sent.headers


def check_mytracker(module: str, sent: Sent, query: list[tuple[str, str]]) -> None:
    """One idApp, the one that the key is for, however its reader spells names; and that app's token."""
    spelt = [(re.sub(r"[^a-z]", "", re.split(r"[\[\0]", name)[0].lower()), value) for name, value in query]
    apps = [value for name, value in spelt if name == "idapp"]

    if module == "mytracker.version":
        assert (apps, "Authorization" in sent.headers, sent.body) == ([], False, b"")
    else:
        assert apps == [APP]
        assert sent.headers["Authorization"] == CREDENTIALS[APP]


def check_aws(module: str, sent: Sent, answer: dict[str, Any]) -> None:
    """AWS's own endpoint, and the things of the stack alone."""
    asked = json.loads(sent.body)

    assert urlsplit(sent.url).netloc == urlsplit(AWS).netloc
    assert asked.get("SecretId", "our-secret") == "our-secret"
    assert asked.get("QueueUrl", QUEUE) == QUEUE
    assert asked.get("TableName", RECORDS) == RECORDS
    assert asked.get("DeliveryStreamName", STREAM) == STREAM
    if sent.service.endswith("PutRecordBatch"):
        (record,) = [json.loads(base64.b64decode(one["Data"])) for one in asked["Records"]]
        assert record["Kind"] == f"{module.removeprefix('track.').capitalize()}Event"
        assert record["GatewayEventID"] == answer["headers"]["Gateway-Event-Id"]
        assert "EventID" not in record
        assert record.keys().isdisjoint({"dt", "__proto__"})


@pytest.mark.parametrize(
    ("module", "change"),
    [
        ("trax.session", lambda event: event["pathParameters"].update(project_name="other-project")),
        ("mytracker.login", lambda event: with_query(event, [("idApp", OTHER_APP)])),
        ("mytracker.login", lambda event: with_query(event, [("idApp", APP), ("idApp", OTHER_APP)])),
        ("mytracker.other_method", lambda event: with_query(event, [("idApp", APP), (" idApp", OTHER_APP)])),
        ("mytracker.other_method", lambda event: with_query(event, [("idApp", APP), ("idApp[]", OTHER_APP)])),
        (
            "mytracker.test_app_access",
            lambda event: with_query(event, [("idApp", APP), ("IDAPP", OTHER_APP)]),
        ),
        ("pushexpress.create_instance", lambda event: event["pathParameters"].update(app_id="20523-9999")),
        ("pushexpress.create_instance", lambda event: event["pathParameters"].update(app_id="20523-1213")),
        ("pushexpress.create_instance", lambda event: event["pathParameters"].update(app_id="*")),
        ("onesignal.new_session", lambda event: with_header(event, "X-Api-Key", OTHER_KEY)),
        ("track.user", lambda event: with_header(event, "X-Api-Key", OTHER_KEY)),
    ],
)
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


def test_an_alias_goes_out_as_the_app_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(vendor=success("pushexpress.create_instance"))
    event = sample("pushexpress.create_instance")
    event["pathParameters"]["app_id"] = "alias-of-app"

    deploy("pushexpress.create_instance", outside, monkeypatch)(event)

    assert [urlsplit(one.url).path for one in outside.told] == ["/base/api/r/v2/apps/20523-1213/instances"]


def test_the_callers_address_is_api_gateways_word_not_the_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    from pushexpress.system import settings as own

    monkeypatch.setattr("pushexpress.system.settings", own.model_copy(update={"fill_client_ip": True}))
    outside = Outside(vendor=success("pushexpress.create_instance"))
    event = sample("pushexpress.create_instance")
    with_header(event, "X-Forwarded-For", "198.51.100.66")
    with_header(event, "User-Agent", f"x\r\nHost: {EVIL}")

    deploy("pushexpress.create_instance", outside, monkeypatch)(event)

    assert outside.told[0].headers["X-Forwarded-For"] == event["requestContext"]["identity"]["sourceIp"]
    assert "User-Agent" not in outside.told[0].headers


@pytest.mark.parametrize("module", ENDPOINTS)
def test_a_queued_call_holds_no_credential_no_client_key_and_no_app_id_of_ours(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    event = sample(module)

    deploy(module, outside, monkeypatch, delivery="queued")(event)

    queued = [message["MessageBody"] for message in outside.of_aws("SendMessage")]
    assert len(queued) == (module not in ANSWERED_BY_THE_VENDOR)
    for text in queued:
        call = json.loads(text)
        shown = text + base64.b64decode(call["payload"].get("body", "")).decode()
        for secret in (*CREDENTIALS.values(), CLIENT_KEY, ONESIGNAL_APP):
            assert secret not in shown
