"""Info: what real SDKs send passes as it came; push.express's own answer is the app's."""

import json
from typing import Any

import pytest

from gateway.core.errors import Transient
from pushexpress.update_instance import handler

NAME = "pushexpress/update_instance"
PATH = "/api/r/v2/apps/20523-1212/instances/737112/info"
NEEDED = {"transport_type": "fcm", "platform_type": "android"}
UPDATED = b'{"id": "737112", "update_interval_sec": 120}'


def test_documented_example(event: Any, vendor: Any) -> None:
    vendor.says(200, UPDATED, content_type="application/json")
    made = event(NAME, query=[])

    answer = handler(made)

    (sent,) = vendor.sent
    assert (sent.method, sent.url, sent.body) == ("PUT", PATH, made["body"].encode())
    assert sent.seconds == 10.0
    assert (answer["statusCode"], answer["body"]) == (200, UPDATED.decode())
    assert answer["headers"]["Gateway-Delivery"] == "delivered"


def test_the_call_is_the_instances(event: Any, upstream: Any) -> None:
    tasks = upstream.answers(handler, Transient("unreachable")).tasks

    assert handler(event(NAME))["statusCode"] == 503
    assert tasks[0].scope == ("20523-1212", "737112")


@pytest.mark.parametrize(
    "said",
    [
        {"transport_type": "fcm.data"},
        {"transport_type": "webpush", "platform_type": "browser"},
        {"platform_type": "tizen"},
        {"country": ""},
        {"country": None},
        {"country": "br"},
        {"county": "BR"},
        {"country": "Brazil"},
        {"lang": ""},
        {"lang": "zh-Hant-TW"},
        {"platform_name": "Mozilla/5.0 (X11; Linux x86_64) " + "x" * 168},
        {"notif_perm_granted": True, "tz_name": "America/Sao_Paulo", "onscreen_start_ts": 1.5},
        {"transport_token": '{"endpoint":"https://push.example/é","keys":{"auth":"\\n"}}'},
        {"transport_token": None},
        {"tz_sec": None},
        {"tz_sec": 0},
        {"tz_sec": -43200, "onscreen_count": 3, "onscreen_sec": 12345678901},
        {"tags": {}},
        {"tags": None},
        {"tags": {"ad_id": "", "offer": "é", "webmaster": "w", "own": "x"}},
        {"agent_name": "my_sdk_0.0.0", "ext_id": ""},
    ],
)
def test_passes_as_received(event: Any, vendor: Any, said: Any) -> None:
    vendor.says(200, UPDATED)
    text = json.dumps(NEEDED | said, ensure_ascii=False, indent=1)

    assert handler(event(NAME, body=text))["statusCode"] == 200
    assert vendor.sent[0].body == text.encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "transport_type is required; platform_type is required"),
        ({"transport_type": "fcm"}, "platform_type is required"),
        (NEEDED | {"transport_type": ""}, "transport_type must not be empty"),
        (NEEDED | {"transport_type": None}, "transport_type must be a string"),
        (NEEDED | {"platform_type": 1}, "platform_type must be a string"),
        (NEEDED | {"platform_name": 1}, "platform_name must be a string"),
        (NEEDED | {"lang": []}, "lang must be a string"),
        (NEEDED | {"country": {}}, "country must be a string"),
        (NEEDED | {"transport_token": {"endpoint": "x"}}, "transport_token must be a string"),
        (NEEDED | {"tz_sec": "3600"}, "tz_sec must be an integer"),
        (NEEDED | {"tz_sec": 3600.5}, "tz_sec must be an integer"),
        (NEEDED | {"tz_sec": True}, "tz_sec must be an integer"),
        (NEEDED | {"tz_sec": 2**63}, f"tz_sec must be from {-(2**63)} to {2**63 - 1}"),
        (NEEDED | {"onscreen_count": "1_000"}, "onscreen_count must be an integer"),
        (NEEDED | {"onscreen_sec": "٣"}, "onscreen_sec must be an integer"),
        (NEEDED | {"tags": []}, "tags must be an object"),
        (NEEDED | {"tags": {"a": 1}}, "tags.a must be a string"),
        (NEEDED | {"tags": {"a": None}}, "tags.a must be a string"),
        (NEEDED | {"tags": {"+49 170": 1}}, "tags.+49 170 must be a string"),
        ("", "body must be an object"),
        ("null", "not a JSON object"),
    ],
)
def test_refused(event: Any, vendor: Any, body: Any, text: str) -> None:
    answer = handler(event(NAME, body=body))

    assert json.loads(answer["body"]) == {"message": f"validation error: {text}"}
    assert (answer["statusCode"], vendor.sent) == (400, [])
    assert answer["headers"]["Gateway-Delivery"] == "rejected"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"transport_type": "fcm.data"}, "transport_type must be one of fcm, onesignal, huawei, apns"),
        ({"transport_type": "fcm\n"}, "transport_type must be one of fcm, onesignal, huawei, apns"),
        ({"platform_type": "Android"}, "platform_type must be one of android, ios, browser"),
    ],
)
def test_strict_keeps_to_the_lists(event: Any, strict: Any, said: Any, text: str) -> None:
    answer = strict("update_instance")(event(NAME, body=NEEDED | said))

    assert (answer["statusCode"], json.loads(answer["body"])) == (
        400,
        {"message": f"validation error: {text}"},
    )


def test_strict_lets_the_documents_example_pass(event: Any, strict: Any, upstream: Any) -> None:
    handler = strict("update_instance")
    tasks = upstream.answers(handler, Transient("unreachable")).tasks

    handler(event(NAME))

    assert len(tasks) == 1


def test_an_id_as_a_number_becomes_a_text(event: Any, vendor: Any) -> None:
    vendor.says(200, b'{"update_interval_sec":1.2e2,"id":737112}')

    assert handler(event(NAME))["body"] == '{"update_interval_sec":1.2e2,"id":"737112"}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'{"update_interval_sec": 120}',
        b'{"id": "737112"}',
        b'{"id": "737112", "update_interval_sec": "120"}',
        b'{"id": "737112", "update_interval_sec": true}',
        b'{"id": "737112", "update_interval_sec": null}',
    ],
)
def test_no_usable_answer_is_503(event: Any, vendor: Any, body: bytes) -> None:
    vendor.says(200, body)

    answer = handler(event(NAME))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
    assert answer["headers"]["Gateway-Delivery"] == "unknown"


@pytest.mark.parametrize(
    "ic_id", ["", "a b", "é", "x" * 65, "737112\n", "../x", "%2e%2e", "a/b", "a?b", "a#b"]
)
def test_an_instances_id_is_no_way_out(event: Any, vendor: Any, ic_id: str) -> None:
    answer = handler(event(NAME, path={"ic_id": ic_id.replace("%", "%25")}))

    assert json.loads(answer["body"]) == {
        "message": "validation error: ic_id must be 1 to 64 letters, digits, - or _"
    }
    assert (answer["statusCode"], vendor.sent) == (400, [])
