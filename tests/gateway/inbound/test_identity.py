"""Which requests are one: the same key for another person is another event, a UUID has no case, and a
session's path has several spellings."""

import base64
import gzip
import json
from typing import Any

import pytest

from gateway.core.identifiers import without_case
from gateway.core.reply import Reply
from gateway.inbound.request import Request
from tests.gateway.asking import BOUGHT, CONFLICT, DOWN, LOWER, OTHER, UPPER, asked, outcome
from tests.safety.outside import Outside, deploy, success
from tests.sample_events import with_header

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
    (request,) = outside.vendor_requests
    assert UPPER in request.url + request.body.decode()
    assert LOWER not in request.url + request.body.decode()


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


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (UPPER, LOWER),
        (f"1.{UPPER}.5_{UPPER}", f"1.{LOWER}.5_{LOWER}"),
        (f"{UPPER}0", f"{UPPER}0"),
        (f"A{UPPER}", f"A{UPPER}"),
        (UPPER.replace("-", ""), UPPER.replace("-", "")),
        ("SKU-ABC", "SKU-ABC"),
    ],
)
def test_only_a_uuid_has_no_case(text: str, counts: str) -> None:
    assert without_case(text) == counts


def test_a_contracts_own_key_has_no_case_where_it_is_a_uuid(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "pushexpress.notification_event"
    handler = deploy(module, Outside(), monkeypatch)

    def name(message: str) -> str:
        made = asked(module, {"msg_id": message, "event": "clicked"}, key="")
        return handler.task(Request.of(made, max_body=1000))[0].key

    assert name(f"1.{UPPER}.5") == name(f"1.{LOWER}.5") != name("1.A.5")


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
    assert len(outside.vendor_requests) == 2


def test_what_only_says_that_it_is_a_form_is_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside()
    handler = deploy("mytracker.login", outside, monkeypatch)
    event = asked("mytracker.login", LOGIN | {"customUserId": "1"})
    with_header(event, "Content-Type", "multipart/form-data; boundary=x")

    assert [outcome(handler(event))[1:] for _ in range(2)] == [("delivered", False), ("delivered", True)]


def test_a_call_without_a_key_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = deploy("onesignal.new_session", Outside(), monkeypatch)
    made = asked("onesignal.new_session", {"player_id": LOWER}, key="")

    first, second = (handler.task(Request.of(made, max_body=1000)) for _ in range(2))

    assert first[0].key != second[0].key
    assert first[0].key == first[0].fingerprint
