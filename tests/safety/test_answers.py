"""An upstream's answer is never trusted: what of it reaches an app is a status, bytes, and two headers."""

import base64
import gzip
import json
import re
import time
from typing import Any

import pytest

from gateway.core.reply import Reply
from tests.profiles import profiles, vendors
from tests.safety.outside import ENDPOINTS, Outside, deploy, sample

OURS = {
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Content-Type",
    "Gateway-Delivery",
    "Gateway-Error",
    "Gateway-Event-Id",
    "Retry-After",
    "X-Content-Type-Options",
}

HOSTILE = {
    "set-cookie": "session=stolen",
    "location": "https://evil.example/",
    "refresh": "0; url=https://evil.example/",
    "access-control-allow-origin": "https://evil.example",
    "access-control-allow-credentials": "true",
    "content-security-policy": "default-src *",
    "content-encoding": "gzip",
    "content-disposition": "attachment",
    "transfer-encoding": "chunked",
    "gateway-delivery": "delivered",
    "gateway-event-id": "01J",
    "server": "evil",
    "x-powered-by": "evil",
    "retry-after": "7",
}

BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "not UTF-8": b"\xff\xfe\x00",
    "a page": b"<html><script>alert(1)</script></html>",
    "nested": b"[" * 100_000,
    "nested in an object": b'{"errors":' * 50_000 + b"1" + b"}" * 50_000,
    "5,000 digits": b'{"success": true, "id": %s}' % (b"7" * 5_000),
    "a huge exponent": b'{"success": true, "id": 1e999999999, "update_interval_sec": 1e-999999999}',
    "a key twice": b'{"success": true, "success": false}',
    "NaN": b'{"success": NaN, "id": Infinity}',
    "a list": b"[]",
    "null": b"null",
    "errors of another form": b'{"errors": {"a": [{"title": {"b": [[[]]]}}]}, "id": [], "success": "no"}',
    "a megabyte": b'{"success": true, "id": "%s"}' % (b"x" * 1_000_000),
    "gzip, unasked": gzip.compress(b'{"success": true}'),
}

TYPES = [
    None,
    "application/json",
    "text/html",
    "image/svg+xml",
    "application/javascript",
    "text/plain\x00",
    "nonsense",
]

each_endpoint = pytest.mark.parametrize(
    "module", [name for name in ENDPOINTS if name.partition(".")[0] in vendors()]
)


@each_endpoint
def test_no_header_of_an_upstreams_passes_but_type_and_retry_after(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status in (200, 201, 204, 301, 302, 307, 400, 401, 404, 409, 418, 429, 500, 503, 599):
        for kind in TYPES:
            body = b'{"success": true, "id": "i-1", "update_interval_sec": 120}'
            outside = Outside(vendor=Reply(status=status, headers=HOSTILE | _typed(kind), body=body))

            answer = deploy(module, outside, monkeypatch)(sample(module))

            headers: dict[str, Any] = answer["headers"]
            assert headers.keys() <= OURS, headers.keys() - OURS
            assert headers["Access-Control-Allow-Origin"] == "*"
            assert headers["Gateway-Event-Id"] != HOSTILE["gateway-event-id"]
            assert "evil" not in str(headers.values())
            assert headers["Content-Type"] in {
                None,
                "application/json",
                "text/html",
                "application/octet-stream",
            } or (str(headers["Content-Type"]).startswith("text/plain"))
            if headers["Content-Type"] != "application/json" and answer["body"]:
                assert headers["X-Content-Type-Options"] == "nosniff"
            assert len(outside.vendor_requests) == 1, "a redirect was followed"
            assert not 300 <= answer["statusCode"] < 400, "a redirect was relayed"


@each_endpoint
@pytest.mark.parametrize("status", [200, 400, 500])
def test_no_body_of_an_upstreams_breaks_anything(
    module: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = profiles()[module.partition(".")[0]].document.statuses
    for name, body in BODIES.items():
        outside = Outside(
            vendor=Reply(status=status, headers={"content-type": "application/json"}, body=body)
        )
        handler = deploy(module, outside, monkeypatch)
        begun = time.process_time()

        answer = handler(sample(module))

        assert time.process_time() - begun < 1, f"{name}: too slow"
        # Some contracts have no other status for what the vendor did.
        only_500 = 503 not in documented and 502 not in documented
        assert answer["statusCode"] != 500 or status == 500 or only_500, name
        assert answer["headers"].get("Gateway-Error") != "fault", f"{name}: a fault of ours"
        sent = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
        assert len(sent) <= 1_100_000
        if sent != body and sent:
            assert isinstance(json.loads(sent), dict), f"{name}: neither relayed nor in the dialect"


@each_endpoint
def test_a_success_that_is_a_page_is_none(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(vendor=Reply(status=200, headers={"content-type": "text/html"}, body=BODIES["a page"]))

    answer = deploy(module, outside, monkeypatch)(sample(module))

    assert "script" not in answer["body"]
    assert answer["headers"].get("Gateway-Delivery") != "delivered"


def _typed(kind: str | None) -> dict[str, str]:
    return {} if kind is None else {"content-type": re.sub(r"[^ -~]", "", kind)}
