"""A log line tells each request that left, and names none by what a reader could guess at."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core import history
from gateway.core.errors import Transient
from gateway.core.reply import Reply
from tests.safety.outside import ENDPOINTS, Outside, base, deploy, sample, success
from tests.sample_events import with_header

OF_EVENTS = [
    module for module, one in ENDPOINTS.items() if one.load().contract.carries_event and one.profile.vendor
]
DIGITS = re.compile("[0-9a-f]{16}")

each_endpoint = pytest.mark.parametrize("module", OF_EVENTS)


@pytest.fixture
def told(logged: Callable[[], str]) -> Callable[[str], dict[str, Any]]:
    """The one line with a message, of those since the last look."""

    def told(message: str) -> dict[str, Any]:
        # Each line is there twice, as the function wrote it and as everybody would have.
        lines = [json.loads(text) for text in logged().splitlines() if f'"message":"{message}"' in text]
        assert len({one["timestamp"] for one in lines}) == 1
        return dict(lines[0])

    return told


@each_endpoint
def test_a_call_tells_its_requests(
    module: str, monkeypatch: pytest.MonkeyPatch, told: Callable[[str], dict[str, Any]]
) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)

    handler(sample(module))

    call = told("call")
    (sent,) = outside.vendor_requests
    target = sent.url.removeprefix(base(handler.system.name))
    assert call["tries"][-1] == {
        "status": 200,
        "milliseconds": call["tries"][-1]["milliseconds"],
        "request": history.digest(sent.method, target, sent.body),
        "outcome": "delivered",
    }
    assert [one["outcome"] for one in call["tries"][:-1]] == ["answered"] * (len(call["tries"]) - 1)
    assert "reason" not in call


@each_endpoint
def test_on_aws_a_line_has_nothing_to_guess_at(
    module: str, monkeypatch: pytest.MonkeyPatch, told: Callable[[str], dict[str, Any]]
) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    monkeypatch.setattr(history, "names_guessable", lambda: False)

    handler(sample(module))

    call = told("call")
    assert call["tries"]
    assert [one for one in call["tries"] if "request" in one] == []
    assert "record" not in call


@each_endpoint
def test_a_clients_own_key_names_its_record(
    module: str, monkeypatch: pytest.MonkeyPatch, told: Callable[[str], dict[str, Any]]
) -> None:
    handler = deploy(module, Outside(vendor=success(module)), monkeypatch)
    monkeypatch.setattr(history, "names_guessable", lambda: False)
    event = sample(module)
    with_header(event, "Idempotency-Key", "b4a1c2f0-77aa-4d38-9e0f-0d7a2f6c1e55")

    handler(event)
    first = told("call")
    handler(event)
    again = told("call")

    assert (first["claim"], again["claim"]) == ("ours", "settled")
    assert DIGITS.fullmatch(first["record"])
    assert first["record"] == again["record"]
    assert "tries" not in again


@pytest.mark.parametrize("module", [one for one in OF_EVENTS if ENDPOINTS[one].load().success.queued])
def test_what_is_queued_tells_why_and_so_does_its_worker(
    module: str, monkeypatch: pytest.MonkeyPatch, told: Callable[[str], dict[str, Any]]
) -> None:
    outside = Outside(vendor=Reply(status=503))
    handler = deploy(module, outside, monkeypatch)
    handler(sample(module))
    call = told("call")
    attributes = {"ApproximateReceiveCount": "2", "SentTimestamp": str(round(time.time() * 1000))}
    (queued,) = outside.of_aws("SendMessage")
    message = {
        "messageId": "m",
        "receiptHandle": "r",
        "body": queued["MessageBody"],
        "attributes": attributes,
    }
    handler.system.redelivery({"Records": [message]})

    redelivery = told("redelivery")
    assert (call["reason"], call["tries"][-1]["outcome"]) == ("status 503", "transient")
    assert (redelivery["reason"], redelivery["tries"][-1]["status"]) == ("status 503", 503)
    assert redelivery["event_id"] == call["event_id"]
    assert redelivery["wait"] >= 0
    assert history.told(call["event_id"]) == {}


def test_copies_in_one_batch_are_not_mixed_up(
    monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    outside = Outside(vendor=Reply(status=503))
    handler = deploy(OF_EVENTS[0], outside, monkeypatch, delivery="queued")
    handler(sample(OF_EVENTS[0]))
    (queued,) = outside.of_aws("SendMessage")
    outside.vendor = success(OF_EVENTS[0])
    logged()

    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": str(round(time.time() * 1000))}
    copy = {"body": queued["MessageBody"], "attributes": attributes}
    handler.system.redelivery(
        {"Records": [{**copy, "messageId": name, "receiptHandle": name} for name in ("a", "b")]}
    )

    lines = [json.loads(text) for text in logged().splitlines() if '"message":"redelivery"' in text]
    assert "done" in {one["fate"] for one in lines}
    assert [one for one in lines if one.keys() & {"tries", "claim", "record"}] == []


def test_a_timeout_is_a_request_without_a_status(
    monkeypatch: pytest.MonkeyPatch, told: Callable[[str], dict[str, Any]]
) -> None:
    outside = Outside(vendor=Transient("timeout", may_have_arrived=True))
    deploy(OF_EVENTS[0], outside, monkeypatch)(sample(OF_EVENTS[0]))

    (made,) = told("call")["tries"]
    assert (made["status"], made["outcome"]) == (None, "timeout")
