"""What 0.1.0 recorded is found again: the names are those that its code gave to these requests."""

import json
import time
from typing import Any

import pytest

from gateway.core.task import DeliveryTask
from gateway.delivery import hold
from gateway.inbound.client_keys import Client
from gateway.inbound.request import Request
from tests.gateway.asking import BOUGHT, CONFLICT, DOWN, LOWER, UPPER, asked, outcome
from tests.safety.outside import QUEUE, Outside, deploy

PURCHASE = json.dumps({"player_id": UPPER, "purchaseData": BOUGHT}, separators=(",", ":"))
SESSION_ROW = "Region=BR&SessionID=7f3c9a&RemoteIP=192.0.2.7&SessionType=start&Message=hello&ProfileID=7"


def recorded(key: str, fingerprint: str, **parts: Any) -> dict[str, Any]:
    """An item as 0.1.0 wrote it."""
    item: dict[str, Any] = {
        "key": {"S": key},
        "fingerprint": {"S": fingerprint},
        "owner": {"S": "ab"},
        "state": {"S": "sending"},
        "lease": {"N": "0"},
        "unanswered": {"BOOL": True},
        "expires": {"N": f"{time.time() + 3600:.0f}"},
    }
    return {key: item | parts}


TRAX_KEY = "c2b356571fcf06fe6ee6324767edc0aac339475b674e574fff23f31dc0f4b84d"


def test_an_unanswered_session_of_0_1_0_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(vendor=CONFLICT, items=recorded(TRAX_KEY, TRAX_KEY))
    handler = deploy("trax.session", outside, monkeypatch, delivery="off")

    assert outcome(handler(asked("trax.session", key="")))[:2] == (200, "delivered")
    assert outside.items == {}, "settled, and nothing is left of it"


def test_a_record_of_0_1_0_that_is_over_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    over = recorded(TRAX_KEY, TRAX_KEY, expires={"N": "1"})
    outside = Outside(vendor=CONFLICT, items=over)
    handler = deploy("trax.session", outside, monkeypatch, delivery="off")

    assert outcome(handler(asked("trax.session", key="")))[:2] == (409, "rejected")


QUEUED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "onesignal.new_purchase",
        {"body": PURCHASE},
        "e56a1f6b08d9379cd8a583debd54d93fb9f71f12c8297c9809ada5bb26c5403b",
        "4147b8e482241859c5388b2e9230f1a098613a72ba76627d361e5cbe638e2502",
    ),
    (
        "onesignal.new_purchase",
        {"body": PURCHASE.replace(UPPER, LOWER)},
        "90c249924a73f9d24c28616fc0c9415f18035b921f509d2533d0ebe005185f75",
        "47b7a072f4999ae70881062721bc269aef4f771120e5132c3097753416810bea",
    ),
    (
        "trax.session",
        {},
        "7cef5f35ff04faf25fee19513f5d63a4aafec0e53d20e32dbef6c1c7fd39a90a",
        "41de052651bdb632021a11948849cc7ccd81327b92c243122ae334abfdff90fa",
    ),
    (
        "track.session",
        {},
        "6be5e45ee686d251aa29732d7928acb9f86caa533d369edf7d2f81aaa6400fbc",
        "ca323518449e4b3cd803fa3592db956325874d3a55f5296a2a9062363787f1a7",
    ),
]


@pytest.mark.parametrize(("module", "parts", "key", "fingerprint"), QUEUED)
def test_a_promise_of_0_1_0_is_kept(
    module: str, parts: Any, key: str, fingerprint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(items=recorded(key, fingerprint, state={"S": "queued"}))
    handler = deploy(module, outside, monkeypatch)
    monkeypatch.setattr("gateway.inbound.client_keys.admit", lambda *_: Client("k1"))

    assert outcome(handler(asked(module, **parts)))[1:] == ("queued", True)
    assert outside.vendor_requests == []

    outside.items = recorded(key, "of another request", state={"S": "queued"})
    assert handler(asked(module, **parts))["statusCode"] == 422


@pytest.mark.parametrize(("module", "parts", "key", "fingerprint"), QUEUED)
def test_a_call_that_takes_a_record_of_0_1_0_over_is_queued_under_its_name(
    module: str, parts: Any, key: str, fingerprint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=DOWN, items=recorded(key, fingerprint), down={"PutRecordBatch"})
    handler = deploy(module, outside, monkeypatch)
    monkeypatch.setattr("gateway.inbound.client_keys.admit", lambda *_: Client("k1"))

    assert outcome(handler(asked(module, **parts)))[1] == "queued"

    (message,) = outside.of_aws("SendMessage")
    assert message["QueueUrl"] == QUEUE
    queued = DeliveryTask.loads(message["MessageBody"])
    assert (queued.key, queued.fingerprint) == (key, fingerprint)
    assert outside.items.keys() == {key}
    assert outside.items[key]["state"] == {"S": "queued"}


def test_most_records_have_the_name_that_0_1_0_gave_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it knows them after a roll back."""
    module, parts, key, fingerprint = QUEUED[1]
    handler = deploy(module, Outside(), monkeypatch)

    task, terms = handler.task(Request.of(asked(module, **parts), max_body=10_000), client=Client("k1"))

    assert (task.key, task.fingerprint, terms.former) == (key, fingerprint, None)


def test_most_calls_are_not_looked_up_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside()
    handler = deploy("onesignal.new_session", outside, monkeypatch)

    handler(asked("onesignal.new_session", {"player_id": LOWER}))

    assert [body["Key"]["key"]["S"] for body in outside.of_aws("GetItem")] == [hold.item_key("onesignal")]


def test_a_key_in_flight_whose_send_is_over_may_be_asked_for_in_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, parts, key, fingerprint = QUEUED[1]
    now = time.time()
    killed = recorded(key, fingerprint, lease={"N": f"{now + 30:.3f}"}, send_ends={"N": f"{now - 5:.3f}"})
    handler = deploy(module, Outside(items=killed), monkeypatch)
    monkeypatch.setattr("gateway.inbound.client_keys.admit", lambda *_: Client("k1"))

    answer = handler(asked(module, **parts))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (409, "1")
