"""No body makes a vendor stumble: each one is taken, or refused with a status."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.systems.onesignal.vendor_users import onesignal_id
from tools.systems.registry import vendors
from tools.systems.vendor import Request

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
APP = "/apps/local-onesignal-app"
KEYS = {
    "onesignal": "Key local-onesignal-credential",
    "trax": "Auth-Token local-trax-credential",
    "pushexpress": "",
    "mytracker": "local-mytracker-credential",
}
ROUTES = [
    ("onesignal", "POST", f"/players/{PLAYER}/on_session"),
    ("onesignal", "POST", f"/players/{PLAYER}/on_purchase"),
    ("onesignal", "POST", f"/players/{PLAYER}/on_focus"),
    ("onesignal", "PUT", f"/notifications/{PLAYER}"),
    ("onesignal", "PATCH", f"{APP}/users/by/onesignal_id/{onesignal_id(PLAYER)}"),
    ("onesignal", "PATCH", f"{APP}/subscriptions/{PLAYER}"),
    ("trax", "PUT", "/api/v4/p/sessions/u"),
    ("pushexpress", "POST", "/api/r/v2/apps/a/instances"),
    ("pushexpress", "PUT", "/api/r/v2/apps/a/instances/1/info"),
    ("pushexpress", "POST", "/api/r/v2/apps/a/instances/1/events/notification"),
    ("pushexpress", "POST", "/api/r/v2/apps/a/instances/1/events/lifecycle"),
    ("mytracker", "POST", "/v1/login/"),
    ("mytracker", "POST", "/v1/customEvent/"),
    ("mytracker", "POST", "/v1/customRevenueBatch/"),
]
NAMES = st.sampled_from(
    [
        "app_id",
        "identifier",
        "timezone",
        "device_type",
        "tags",
        "purchases",
        "sku",
        "amount",
        "iso",
        "existing",
        "state",
        "active_time",
        "opened",
        "properties",
        "deltas",
        "session_time",
        "count",
        "subscription",
        "token",
        "store_number",
        "visit_date",
        "session_start_time",
        "scenes",
        "scene_uid",
        "task_code",
        "email_address",
        "visit_type_id",
        "ic_token",
        "ext_id",
        "transport_type",
        "platform_type",
        "tz_sec",
        "msg_id",
        "event",
        "customUserId",
        "eventTimestamp",
        "ipv4",
        "ipv6",
        "customEventName",
        "customEventParams",
        "idTransaction",
        "currency",
        "total",
        "lvid",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["local-onesignal-app", "ping", "USD", "1e999", "2024-02-30", "0" * 36, "::1"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)
APPS = {"onesignal": {"app_id": "local-onesignal-app"}}


@pytest.mark.parametrize(("system", "method", "path"), ROUTES)
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(value=st.dictionaries(NAMES, VALUES, max_size=8) | VALUES)
def test_any_json_is_judged(system: str, method: str, path: str, value: Any) -> None:
    vendor = vendors()[system]
    if isinstance(value, dict):
        value = value | APPS.get(system, {})
    headers = (
        ("Authorization", KEYS[system]),
        ("Content-Type", "application/json"),
        ("OneSignal-Subscription-Id", PLAYER),
    )

    response = vendor.answer(
        Request(method=method, path=path, query="idApp=1", headers=headers, body=json.dumps(value).encode())
    )

    assert (response.verdict == "taken") == (response.status in (200, 202))
    assert bool(response.effects) == (response.verdict == "taken")
    assert response.status < 500


@pytest.mark.parametrize(("system", "method", "path"), ROUTES)
@pytest.mark.parametrize(
    "body",
    [b"\xff", b"\xef\xbb\xbf{}", b"NaN", b"[" * 9000, b"1" * 5000, b"1e99999999999999999999", b'"\\ud800"'],
)
def test_what_no_parser_should_read_is_malformed(system: str, method: str, path: str, body: bytes) -> None:
    vendor = vendors()[system]
    headers = (("Authorization", KEYS[system]), ("Content-Type", "application/json"))

    response = vendor.answer(Request(method=method, path=path, query="idApp=1", headers=headers, body=body))

    assert (response.status, response.verdict) == (400, "malformed")
