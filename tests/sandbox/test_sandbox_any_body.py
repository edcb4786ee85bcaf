"""No body makes a vendor stumble: each one is taken, or refused with a status."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.profiles import profiles, variants
from tests.profiles import vendors as profile_vendors
from tests.proofs.fuzz.http1 import Request
from tests.proofs.fuzz.on_aws import on_aws
from tests.proofs.fuzz.samples import samples
from tools.systems import vendor
from tools.systems.registry import vendors

type Asked = tuple[str, str, str, vendor.Fields]
"""A vendor's system, a method, a path and header fields."""


def of_the_endpoints() -> Iterator[Asked]:
    """What the sample events become at their vendors."""
    with TemporaryDirectory() as folder, on_aws(Path(folder)) as api:
        for sample in samples():
            profile = profiles().get(sample.system)
            if sample.is_door:  # its events are queued
                continue
            if profile and profile.vendor and sample.name not in profile.document.unvalidated:
                api.entries.clear()
                body = json.dumps(sample.body).encode()
                api.answer(
                    Request(
                        route=sample.route,
                        kind="sample",
                        method=sample.method.encode(),
                        target=sample.target(),
                        headers=(*sample.key_headers, (b"Content-Type", b"application/json")),
                        body=body,
                    )
                )
                (entry,) = api.entries
                yield entry.system, entry.method, entry.path, entry.headers


def of_the_vendors() -> Iterator[Asked]:
    """What the vendors know besides."""
    for variant in ("", *variants()):
        for name, found in profile_vendors(variant).items():
            for method, path, headers in found.further:
                yield name, method, path, (*headers, ("Content-Type", "application/json"))


REQUESTS = sorted({*of_the_endpoints(), *of_the_vendors()})
OUR_APP = {"app_id": "local-onesignal-app"}
"""Without it, nothing else of such a body is looked at."""

each_request = pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: " ".join(asked[:3]))

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
    | st.sampled_from(["ping", "USD", "1e999", "2024-02-30", "0" * 36, "::1"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)


def answered(asked: Asked, body: bytes) -> vendor.Response:
    """The vendor's answer to a request with this body."""
    system, method, path, headers = asked
    return vendors()[system].answer(
        vendor.Request(method=method, path=path, query="idApp=1", headers=headers, body=body)
    )


@each_request
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(value=st.dictionaries(NAMES, VALUES, max_size=8) | VALUES)
def test_any_json_is_judged(asked: Asked, value: Any) -> None:
    if isinstance(value, dict):
        value = value | OUR_APP

    response = answered(asked, json.dumps(value).encode())

    assert (response.verdict == "taken") == (response.status in (200, 202))
    assert bool(response.effects) == (response.verdict == "taken")
    assert response.status < 500


@each_request
@pytest.mark.parametrize(
    "body",
    [b"\xff", b"\xef\xbb\xbf{}", b"NaN", b"[" * 9000, b"1" * 5000, b"1e99999999999999999999", b'"\\ud800"'],
)
def test_what_no_parser_should_read_is_malformed(asked: Asked, body: bytes) -> None:
    response = answered(asked, body)

    assert (response.status, response.verdict) == (400, "malformed")
