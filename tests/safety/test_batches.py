"""Batches from hostile apps: no body takes long, no answer grows without bound, and the log knows nobody."""

import base64
import gzip
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.inbound.items import MAX_ITEMS, MAX_RECEIVED, NDJSON
from tests.fixtures.doors import DOORS
from tests.safety.outside import ENDPOINTS, Outside, deploy, sample, success
from tests.safety.test_logs import PERSON, marked, nothing_private, told_of
from tests.sample_events import with_header
from tools.openapi.sample_event import sample_body
from tools.systems.door import door_event

PATHS = {route.endpoint: path for path, route in DOORS.items()}
MODULES = [module for module, found in ENDPOINTS.items() if found.function.module in PATHS]
FIRST = list({module.partition(".")[0]: module for module in MODULES if "," not in module}.values())
"""One per system."""

SECONDS = 6.0
"""Of processor time for four megabytes, so that a busy machine is no reason to fail."""

MAX_ANSWER = 1024 * 1024


def hostile() -> Iterator[tuple[str, str, str, bytes]]:
    """Media type, content encoding, name and body, made when they are sent: it takes time and memory."""
    arrays = {
        "brackets": b"[" * MAX_RECEIVED,
        "objects": b'[{"a":' * (MAX_RECEIVED // 6),
        "ones": b"[" + b"1," * (MAX_RECEIVED // 2 - 2) + b"1]",
        "digits": b"[" + b"9" * (MAX_RECEIVED - 2) + b"]",
        "one text": b'["' + b"x" * (MAX_RECEIVED - 4) + b'"]',
        "escapes": b'["' + b"\\ud800" * (MAX_RECEIVED // 6 - 1) + b'"]',
        "a key again and again": b"[{" + b'"a":1,' * (MAX_RECEIVED // 6 - 2) + b'"a":1}]',
        "not UTF-8": b"[" + b"\xff" * 1000 + b"]",
        "spaces": b" " * MAX_RECEIVED,
    }
    lines = {
        "empty lines": b"\n" * MAX_RECEIVED,
        "garbage": b"\xff\xfe{\n" * MAX_ITEMS,
        "brackets": b"[" * MAX_RECEIVED,
        "too many": b"{}\n" * (MAX_RECEIVED // 3),
    }
    nothing = gzip.compress(b"")
    packed = {
        "a bomb": gzip.compress(b"\0" * (256 * 1024 * 1024)),
        "a bomb of items": gzip.compress(b"[" + b"{}," * (20 * 1024 * 1024) + b"{}]"),
        "members of nothing": nothing * (MAX_RECEIVED // len(nothing) - 1),
        "cut off": gzip.compress(b"[{}]" * 1000)[:-9],
    }
    yield from (("application/json", "", name, body) for name, body in arrays.items())
    yield from ((NDJSON, "", name, body) for name, body in lines.items())
    yield from (("application/json", "gzip", name, body) for name, body in packed.items())


def full() -> Iterator[tuple[str, str, str, bytes]]:
    """The same of batches with as many items as a door takes: each system validates them by itself."""
    items: dict[str, bytes] = {
        "500 nests": b"[" + b",".join([b"[" * 33 + b"]" * 33] * MAX_ITEMS) + b"]",
        "500 long names": json.dumps([{"x" * 8000: 1}] * MAX_ITEMS).encode(),
        "500 wide items": json.dumps([{f"n{i}": {} for i in range(200)}] * MAX_ITEMS).encode(),
    }
    return (("application/json", "", name, body) for name, body in items.items())


def batch(module: str, event: dict[str, Any], items: list[Any]) -> dict[str, Any]:
    """A batch of the endpoint's door, by the caller of the event."""
    return door_event(event, PATHS[ENDPOINTS[module].function.module], items)


@pytest.mark.parametrize("module", FIRST)
def test_no_body_takes_long_or_makes_a_huge_answer(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    # All doors read alike.
    for media, encoding, name, body in (*full(), *(hostile() if module == FIRST[0] else ())):
        event = batch(module, sample(module), [])
        with_header(event, "Content-Type", media)
        if encoding:
            with_header(event, "Content-Encoding", encoding)
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        begun = time.process_time()

        answer = handler(event)

        took = time.process_time() - begun
        assert took < SECONDS, f"{name} took {took:.1f} s"
        assert answer["statusCode"] in (207, 400, 413), f"{name}: {answer['statusCode']}"
        assert len(answer["body"]) < MAX_ANSWER, f"{name}: an answer of {len(answer['body'])} bytes"


@pytest.mark.parametrize("module", MODULES)
def test_no_batch_puts_anybody_into_the_log(
    module: str, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    single = marked(module)
    body = sample_body(single)
    spoilt = {**body, f"{PERSON}-name": {"a": PERSON}}
    event = batch(module, single, [body, spoilt, dict.fromkeys(body), PERSON, [PERSON], {PERSON: PERSON}])
    with_header(event, "Idempotency-Key", f"{PERSON}-key")
    for down in (set(), {"SendMessageBatch"}, {"PutRecordBatch", "SendMessageBatch", "GetItem"}):
        handler = deploy(module, Outside(vendor=success(module), down=down), monkeypatch)

        answer = handler(event)

        written = logged()
        assert answer["statusCode"] in (200, 207, 400, 404), answer
        assert '"message":"batch"' in written
        nothing_private(written, (told_of(event) | {PERSON}) - {event["path"]})


@pytest.mark.parametrize("module", MODULES)
def test_a_batch_is_answered_with_our_headers_alone(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    event = batch(module, sample(module), [sample_body(sample(module))])

    answer = handler(event)

    assert answer["statusCode"] == 200, answer
    assert answer["headers"].keys() == {
        "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers",
        "Content-Type",
        "Gateway-Event-Id",
    }


@pytest.mark.parametrize("module", MODULES)
def test_a_batch_needs_the_client_key_that_the_single_call_needs(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = ENDPOINTS[module].profile
    if profile.client_keys == "never":
        return
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)
    single = sample(module)
    profile.present(single, "another-key")
    event = batch(module, single, [sample_body(single)])

    answer = handler(event)

    assert answer["statusCode"] in (401, 403), answer
    assert not outside.of_aws("SendMessageBatch")
    assert not outside.of_aws("PutRecordBatch")
