"""Which requests are one: the same key for another person is another event, a UUID has no case, a session's
path has several spellings, and what 0.1.0 recorded is found again."""

import base64
import gzip
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.call import Call, Reply
from gateway.errors import Transient
from gateway.request import Request
from tests.safety.outside import QUEUE, Outside, deploy, sample, success, with_header

UPPER = "FE3BCC9F-3289-4651-AD15-3B995718BADD"
LOWER = UPPER.lower()
OTHER = "00000001-3289-4651-ad15-3b995718badd"

DOWN = Transient("timeout", unanswered=True)
CONFLICT = Reply(status=409, body=b'{"description":"Session has already been received"}')


def asked(
    module: str, body: Any = None, path: Mapping[str, str] = {}, key: str = "order-17", resource: str = ""
) -> dict[str, Any]:
    """The sample event with some fields of its body and path replaced."""
    event = sample(module)
    if body is not None:
        event["body"], event["isBase64Encoded"] = body if isinstance(body, str) else json.dumps(body), False
        with_header(event, "Content-Type", "application/json")
    event["pathParameters"] = {**(event["pathParameters"] or {}), **path} or None
    event["resource"] = resource or event["resource"]
    if key:
        with_header(event, "Idempotency-Key", key)
    return event


def outcome(answer: dict[str, Any]) -> tuple[int, str, bool]:
    headers = answer["headers"]
    return answer["statusCode"], headers["Gateway-Delivery"], "Idempotency-Replayed" in headers


BOUGHT = {"purchases": [{"sku": "SKU123", "iso": "USD", "amount": "0.99"}]}
ROW = {"ProfileID": 7, "Region": "BR", "SessionID": "a", "RemoteIP": "b", "SessionType": "c"}
USER = {"ProfileID": 7, "Region": "BR"}
ITEM = {"ProfileID": 7, "Region": "BR", "ItemName": "a", "ItemType": "b"}
PAID = {**USER, "Currency": "BRL", "GrossAmount": 1, "NetAmount": 1, "PaymentProvider": "a", "Product": "b"}
LOGIN = {"eventTimestamp": 1}

PEOPLE: list[tuple[str, Any, Any]] = [
    ("onesignal.new_session", {"player_id": LOWER}, {"player_id": OTHER}),
    (
        "onesignal.new_purchase",
        {"player_id": LOWER, "purchaseData": BOUGHT},
        {"player_id": OTHER, "purchaseData": BOUGHT},
    ),
    (
        "onesignal.increment_session_length",
        {"player_id": LOWER, "state": "ping", "active_time": 1},
        {"player_id": OTHER, "state": "ping", "active_time": 1},
    ),
    ("mytracker.login", LOGIN | {"customUserId": "1"}, LOGIN | {"customUserId": "2"}),
    (
        "mytracker.custom_event",
        LOGIN | {"customEventName": "a", "instanceId": LOWER},
        LOGIN | {"customEventName": "a", "instanceId": OTHER},
    ),
    ("pushexpress.create_instance", {"ic_token": LOWER}, {"ic_token": OTHER}),
    ("track.user", USER, USER | {"ProfileID": 8}),
    ("track.item", ITEM, ITEM | {"ProfileID": 8}),
    ("track.purchase", PAID, PAID | {"ProfileID": 8}),
    ("track.session", ROW, ROW | {"ProfileID": 8}),
    ("track.session", ROW, ROW | {"SessionID": "z"}),
]


@pytest.mark.parametrize(("module", "body", "of_another"), PEOPLE)
def test_the_same_key_for_another_person_is_another_event(
    module: str, body: Any, of_another: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)

    first, other, again = (handler(asked(module, one)) for one in (body, of_another, body))

    assert [outcome(answer)[1:] for answer in (first, other, again)] == [
        ("delivered", False),
        ("delivered", False),
        ("delivered", True),
    ]
    changed = json.dumps({**body, "Message": "x", "tags": {"a": "b"}, "sessionData": {"language": "en"}})
    if not module.startswith("track."):
        assert handler(asked(module, changed))["statusCode"] == 422


def test_an_instance_of_the_path_is_somebody_too(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "pushexpress.update_instance"
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)

    answers = [handler(asked(module, path={"ic_id": number})) for number in ("1", "2", "1")]

    assert [outcome(answer)[2] for answer in answers] == [False, False, True]


@pytest.mark.parametrize(
    ("module", "body", "path"),
    [
        ("onesignal.new_session", {"player_id": UPPER}, {}),
        ("mytracker.custom_event", LOGIN | {"customEventName": "a", "instanceId": UPPER}, {}),
        ("mytracker.login", LOGIN | {"customUserId": UPPER}, {}),
        ("pushexpress.create_instance", {"ic_token": UPPER}, {}),
        ("pushexpress.notification_event", {"msg_id": f"1.{UPPER}.5", "event": "clicked"}, {"ic_id": UPPER}),
    ],
)
def test_a_uuid_is_one_whatever_its_case_and_goes_on_as_received(
    module: str, body: Any, path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=success(module))
    handler = deploy(module, outside, monkeypatch)
    lower = {name: value.replace(UPPER, LOWER) for name, value in path.items()}

    first = handler(asked(module, body, path, key=f"k-{UPPER}"))
    again = handler(asked(module, json.dumps(body).replace(UPPER, LOWER), lower, key=f"k-{LOWER}"))

    assert (outcome(first)[1:], outcome(again)[1:]) == (("delivered", False), ("delivered", True))
    (told,) = outside.told
    assert UPPER in told.url + told.body.decode()
    assert LOWER not in told.url + told.body.decode()


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ("/api/{version_number}/{project_name}/sessions/{session_uid}", {}),
        ("", {"version_number": "V4"}),
        ("", {"session_uid": LOWER}),
        ("gzip", {}),
    ],
)
@pytest.mark.parametrize("key", ["", "visit-17"])
def test_a_sessions_own_key_is_project_session_and_body(
    resource: str, path: Any, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "trax.session"
    outside = Outside(vendor=DOWN)
    handler = deploy(module, outside, monkeypatch, delivery="off")
    lost = handler(asked(module, path={"session_uid": UPPER}, key=key))
    outside.vendor = CONFLICT
    spelled = asked(module, path={"session_uid": UPPER, **path}, key=key)
    if resource == "gzip":
        folded = gzip.compress(spelled["body"].encode())
        spelled |= {"body": base64.b64encode(folded).decode(), "isBase64Encoded": True}
        with_header(spelled, "Content-Encoding", "gzip")
    elif resource:
        spelled["resource"] = resource

    again = handler(spelled)

    assert outcome(lost)[:2] == (504, "unknown")
    assert outcome(again)[:2] == (200, "delivered")


class Slow(Outside):
    """Trax has the session and is silent still; the app has given up, and asks again meanwhile."""

    meanwhile: Any = None
    heard: Any = None

    def send(self, method: str, url: str, *, headers: Any, body: bytes, **further: Any) -> Reply:
        """See Outside."""
        if "X-Amz-Target" not in headers and self.meanwhile is not None:
            ask, self.meanwhile, self.vendor = self.meanwhile, None, CONFLICT
            self.heard = ask()
            raise DOWN
        return super().send(method, url, headers=headers, body=body, **further)


@pytest.mark.parametrize("body", ["the same", "another"])
def test_a_409_beside_a_try_in_flight_is_a_success_too(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "trax.session"
    outside = Slow()
    handler = deploy(module, outside, monkeypatch, delivery="off")
    again = asked(module, key="")
    if body == "another":
        again["body"] = again["body"].replace("100050000000008", "100050000000009")
    outside.meanwhile = lambda: handler(again)

    first = handler(asked(module, key=""))

    assert outcome(first)[:2] == (504, "unknown")
    assert outcome(outside.heard)[:2] == ((200, "delivered") if body == "the same" else (409, "rejected"))


@pytest.mark.parametrize("change", ["body", "session_uid", "project_name"])
def test_another_session_is_not_the_one_that_got_no_answer(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "trax.session"
    outside = Outside(vendor=DOWN)
    handler = deploy(module, outside, monkeypatch, delivery="off", client_keys="off")
    handler(asked(module, key=""))
    outside.vendor = CONFLICT
    other = asked(module, path={} if change == "body" else {change: "another"}, key="")
    if change == "body":
        other["body"] = other["body"].replace("100050000000008", "100050000000009")

    assert outcome(handler(other))[:2] == (409, "rejected")


def multipart(boundary: str, player: str) -> dict[str, Any]:
    event = asked("onesignal.new_session")
    part = f'Content-Disposition: form-data; name="player_id"\r\n\r\n{player}'
    event["body"] = f"--{boundary}\r\n{part}\r\n--{boundary}--\r\n"
    with_header(event, "Content-Type", f"multipart/form-data; boundary={boundary}")
    return event


def test_a_form_is_its_fields_whatever_its_boundary(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that tries again makes a new one."""
    outside = Outside()
    handler = deploy("onesignal.new_session", outside, monkeypatch)

    answers = [handler(multipart(*form)) for form in (("one", UPPER), ("two", LOWER), ("two", OTHER))]

    assert [outcome(answer)[2] for answer in answers] == [False, True, False]
    assert len(outside.told) == 2


def test_what_only_says_that_it_is_a_form_is_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside()
    handler = deploy("mytracker.login", outside, monkeypatch)
    event = asked("mytracker.login", LOGIN | {"customUserId": "1"})
    with_header(event, "Content-Type", "multipart/form-data; boundary=x")

    assert [outcome(handler(event))[1:] for _ in range(2)] == [("delivered", False), ("delivered", True)]


# What follows was recorded by 0.1.0: the names are those that its code gave to these requests.

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
    monkeypatch.setattr("gateway.keys.admit", lambda *_: "k1")

    assert outcome(handler(asked(module, **parts)))[1:] == ("queued", True)
    assert outside.told == []

    outside.items = recorded(key, "of another request", state={"S": "queued"})
    assert handler(asked(module, **parts))["statusCode"] == 422


@pytest.mark.parametrize(("module", "parts", "key", "fingerprint"), QUEUED)
def test_a_call_that_takes_a_record_of_0_1_0_over_is_queued_under_its_name(
    module: str, parts: Any, key: str, fingerprint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(vendor=DOWN, items=recorded(key, fingerprint), down={"PutRecordBatch"})
    handler = deploy(module, outside, monkeypatch)
    monkeypatch.setattr("gateway.keys.admit", lambda *_: "k1")

    assert outcome(handler(asked(module, **parts)))[1] == "queued"

    (message,) = outside.of_aws("SendMessage")
    assert message["QueueUrl"] == QUEUE
    queued = Call.loads(message["MessageBody"])
    assert (queued.key, queued.fingerprint) == (key, fingerprint)
    assert outside.items.keys() == {key}
    assert outside.items[key]["state"] == {"S": "queued"}


def test_most_records_have_the_name_that_0_1_0_gave_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it knows them after a roll back."""
    module, parts, key, fingerprint = QUEUED[1]
    handler = deploy(module, Outside(), monkeypatch)

    call, terms = handler.call(Request.of(asked(module, **parts), max_body=10_000), client="k1")

    assert (call.key, call.fingerprint, terms.former) == (key, fingerprint, None)


def test_most_calls_are_not_looked_up_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside()
    handler = deploy("onesignal.new_session", outside, monkeypatch)

    handler(asked("onesignal.new_session", {"player_id": LOWER}))

    assert outside.of_aws("GetItem") == []


def test_a_call_without_a_key_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = deploy("onesignal.new_session", Outside(), monkeypatch)
    made = asked("onesignal.new_session", {"player_id": LOWER}, key="")

    first, second = (handler.call(Request.of(made, max_body=1000)) for _ in range(2))

    assert first[0].key != second[0].key
    assert first[0].key == first[0].fingerprint
