"""How much a stranger may send, and what it costs: the worst is answered in bounded time and memory."""

import base64
import gzip
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from tests.profiles import Requests, profiles
from tests.safety.outside import ENDPOINTS, Outside, deploy, sample, success
from tests.sample_events import with_header, with_query

SECONDS = 2.0
"""Of processor time, so that a busy machine is no reason to fail; the slowest takes a tenth."""

KIB = 1024
HALF_A_MEGABYTE = 512 * KIB

each_endpoint = pytest.mark.parametrize("module", ENDPOINTS)


TYPICAL = [f"{name}.{profile.typical}" for name, profile in profiles().items()]


def _rules(module: str) -> tuple[Requests, str]:
    found = ENDPOINTS[module]
    return found.profile.requests, found.function.name


def _limit(module: str) -> int:
    rules, endpoint = _rules(module)
    return HALF_A_MEGABYTE if endpoint in rules.unread else rules.max_body


def _reads_bodies(module: str) -> bool:
    rules, endpoint = _rules(module)
    return endpoint not in rules.bodyless


def _binary(event: dict[str, Any], body: bytes) -> dict[str, Any]:
    event["body"] = base64.b64encode(body).decode()
    event["isBase64Encoded"] = True
    return event


def _bounded(handler: Callable[[Any], dict[str, Any]], event: dict[str, Any], name: str) -> dict[str, Any]:
    begun = time.process_time()
    answer = handler(event)
    took = time.process_time() - begun

    assert took < SECONDS, f"{name} took {took:.1f} s"
    assert answer["statusCode"] < 500, f"{name}: {answer['statusCode']}"
    assert len(answer["body"]) < 64 * KIB, f"{name}: an answer of {len(answer['body'])} bytes"
    assert len(str(answer["headers"])) < 4 * KIB, f"{name}: headers of {len(str(answer['headers']))} bytes"
    return answer


def _named(length: int) -> bytes:
    """A gzip of nothing whose file has a long name."""
    plain = gzip.compress(b"", mtime=0)
    return plain[:3] + b"\x08" + plain[4:10] + b"n" * length + b"\0" + plain[10:]


@each_endpoint
def test_a_body_over_the_contracts_limit_is_refused_unread(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)
    limit = _limit(module)
    if not _reads_bodies(module):
        return

    for body, encoding in ((b" " * (limit + 1), ""), (gzip.compress(b" " * (limit + 1)), "gzip")):
        event = _binary(sample(module), body)
        with_header(event, "Content-Encoding", encoding)

        answer = _bounded(handler, event, encoding or "plain")

        assert answer["statusCode"] == _rules(module)[0].too_large
        assert answer["headers"]["Gateway-Error"] == "too large"
    assert outside.vendor_requests == []


@pytest.fixture(scope="module")
def bomb() -> bytes:
    return gzip.compress(b"\0" * (64 * KIB * KIB))


@pytest.mark.parametrize("module", TYPICAL)
def test_a_decompression_bomb_is_not_unfolded(
    module: str, bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    event = _binary(sample(module), bomb)
    with_header(event, "Content-Encoding", "gzip")
    handler(sample(module))

    tracemalloc.start()
    try:
        answer = _bounded(handler, event, "64 MiB of nothing")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert answer["headers"]["Gateway-Error"] == "too large"
    assert peak < 8 * KIB * KIB, f"{peak} bytes to refuse a body of {len(bomb)}"


@pytest.mark.parametrize(
    "folded", [gzip.compress(b"") * 200_000, _named(4 * KIB * KIB)], ids=["empty", "name"]
)
def test_a_large_gzip_of_nothing_is_not_unfolded(folded: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    module = TYPICAL[0]
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    event = _binary(sample(module), folded)
    with_header(event, "Content-Encoding", "gzip")

    assert _bounded(handler, event, "members without content")["headers"]["Gateway-Error"] == "too large"


def _field(name: str, text: str) -> bytes:
    return f'{{"{name}": {text}}}'.encode()


BODIES: dict[str, bytes] = {
    "lists in lists": b"[" * 200_000,
    "objects in objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "lists in a field": _field("sessionData", "[" * 30 + "]" * 30),
    "deep in a field": _field("customEventParams", '{"a":' * 2_000 + "1" + "}" * 2_000),
    "5,000 digits": _field("active_time", "9" * 5_000),
    "5,000 digits after the point": _field("total", "0." + "9" * 5_000),
    "a huge exponent": _field("total", "1e999999999"),
    "a tiny exponent": _field("total", "1e-999999999"),
    "an exponent of 4,000 digits": _field("total", "1e" + "9" * 4_000),
    "100,000 keys": json.dumps({f"k{i}": i for i in range(30_000)}).encode(),
    "one key 10,000 times": b"{" + b'"a":1,' * 10_000 + b'"a":1}',
    "100,000 elements": json.dumps([{}] * 100_000).encode(),
    "100,000 form fields": b"a=1&" * 100_000,
    "10,000 form fields": "&".join(f"k{i}=1" for i in range(10_000)).encode(),
    "a form of ampersands": b"&" * 400_000,
    "a field of percents": b"ProfileID=" + b"%" * 400_000,
    "a decimal of a form": b"GrossAmount=1e999999999&NetAmount=" + b"9" * 100_000,
    "a long text": _field("player_id", '"' + "a" * 400_000 + '"'),
    "an address without end": _field("email_address", '"' + "a@" * 100_000 + '"'),
    "escapes": _field("x", '"' + "\\u0041" * 60_000 + '"'),
    "lone surrogates": _field("x", '"\\ud800"'),
    "NaN": _field("total", "NaN"),
    "not UTF-8": b"\xff\xfe{}",
    "a BOM": b"\xef\xbb\xbf{}",
    "null": b"null",
    "a text": b'"x"',
    "zeros": b"\0" * 10_000,
}


@each_endpoint
def test_no_body_costs_more_than_its_size(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    for name, body in BODIES.items():
        if len(body) <= _limit(module) or _limit(module) == HALF_A_MEGABYTE:
            for kind in ("application/json", "application/x-www-form-urlencoded"):
                event = _binary(sample(module), body)
                with_header(event, "Content-Type", kind)
                _bounded(handler, event, f"{name} as {kind}")


def _parts_in_parts(depth: int) -> bytes:
    opened = [f"--b{i}\r\nContent-Type: multipart/mixed; boundary=b{i + 1}\r\n\r\n" for i in range(depth)]
    return "".join(opened).encode()


MULTIPARTS: dict[str, bytes] = {
    "parts in parts": _parts_in_parts(5_000),
    "20,000 parts": b'--b0\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 9_000 + b"--b0--\r\n",
    "a part of headers": b"--b0\r\n" + b"A: b\r\n" * 80_000 + b"\r\n\r\n--b0--\r\n",
    "one long header": b"--b0\r\nA: " + b"b;" * 200_000 + b"\r\n\r\n1\r\n--b0--\r\n",
    "a header in parameters": b"--b0\r\nContent-Disposition: form-data"
    + b"; name*0*=a" * 20_000
    + b"\r\n\r\n1\r\n--b0--\r\n",
    "boundaries alone": b"--b0\r\n" * 80_000,
    "no end": b"--b0\r\n",
    "no boundary at all": b"x" * 400_000,
}


@pytest.mark.parametrize("module", [module for module in TYPICAL if _limit(module) == HALF_A_MEGABYTE])
@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=b0", "multipart/form-data", "multipart/form-data; boundary="]
)
def test_no_multipart_costs_more_than_its_size(
    module: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    for name, body in MULTIPARTS.items():
        event = _binary(sample(module), body)
        with_header(event, "Content-Type", kind)

        _bounded(handler, event, name)


QUERIES: dict[str, list[tuple[str, str]]] = {
    "one value of 8,000 characters": [("origin", "x" * 8_000)],
    "one name of 8,000 characters": [("x" * 8_000, "1")],
    "1,000 names": [(f"k{i}", "1") for i in range(1_000)],
    "1,000 values of a name": [("origin", "1")] * 1_000,
    "a key of 8,000 characters": [("_user_key", "x" * 8_000)],
    "JSON in a value": [("sessionData", "[" * 8_000)],
    "an app of 8,000 digits": [("idApp", "9" * 8_000)],
    "characters of four bytes": [("origin", "\U0001f600" * 2_000)],
    "lone surrogates": [("origin", "\ud800")],
}
"""API Gateway lets 10,240 bytes of request line and headers through, so a query may have about 8 KB."""


@each_endpoint
def test_a_query_as_large_as_api_gateway_allows_is_answered(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)
    for name, pairs in QUERIES.items():
        event = sample(module)
        with_query(event, [*(event["queryStringParameters"] or {}).items(), *pairs])

        _bounded(handler, event, name)


@each_endpoint
@pytest.mark.parametrize("value", ["x" * 8_000, "é" * 4_000, "x," * 4_000, " " * 8_000, "\x00"])
def test_a_header_as_large_as_api_gateway_allows_is_answered(
    module: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    for name in (
        "Authorization",
        "X-Api-Key",
        "Content-Type",
        "Content-Encoding",
        "Idempotency-Key",
        "Origin",
        "User-Agent",
    ):
        event = sample(module)
        with_header(event, name, value)

        _bounded(handler, event, name)


@pytest.mark.parametrize(
    "module", [name for name in ENDPOINTS if ENDPOINTS[name].function.paths[0].count("{")]
)
@pytest.mark.parametrize("value", ["x" * 8_000, "9" * 8_000, "٣" * 100, "%" * 2_000, "\ud800", ""])
def test_a_path_as_large_as_api_gateway_allows_is_refused(
    module: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)
    for name in sample(module)["pathParameters"]:
        event = sample(module)
        event["pathParameters"][name] = value

        assert _bounded(handler, event, name)["statusCode"] >= 400
    assert outside.vendor_requests == []
