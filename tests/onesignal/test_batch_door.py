"""A batch: what is read, what becomes of each item, what is answered, logged and counted."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gateway.core.errors import ClientKeysUnavailable
from gateway.core.task import ACCOUNT_BY_KEY
from gateway.inbound.items import MAX_ITEMS, MAX_RECEIVED, MAX_UNPACKED
from onesignal.system import APP
from tests.fixtures.doors import Door, items, queued, statuses
from tests.gateway.delivery.cloud import Aws

PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"
APP_ID = "8a0b1c2d-0000-4000-8000-000000000001"
GOOD = {"player_id": PLAYER}
SESSION = "/batch/onesignal/new-session"
NDJSON = {"Content-Type": "Application/X-NDJSON; charset=utf-8"}


def test_the_queue_is_written_by_ten(door: Callable[[str], Door], door_cloud: Aws) -> None:
    answer = door(SESSION)([GOOD] * 23)

    assert (answer["statusCode"], door_cloud.batches) == (200, [10, 10, 3])
    assert {(item["status"], item["delivery"]) for item in items(answer)} == {(202, "queued")}
    assert [task.event_id for task in queued(door_cloud)] == [item["event_id"] for item in items(answer)]
    assert door_cloud.items == {}


def test_a_door_that_would_only_queue_is_closed_where_nothing_may_be(
    door: Callable[[str], Door], door_cloud: Aws
) -> None:
    answer = door(SESSION).having(delivery="off")([GOOD])

    assert (answer["statusCode"], answer["headers"]["Gateway-Error"]) == (404, "unknown path")
    assert "Gateway-Delivery" not in answer["headers"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"player_id": "%b"}\n{"player_id": "%b"}\n', [202, 202]),
        (b'\xef\xbb\xbf\n\n{"player_id": "%b"}\r\n \t\n{"player_id": "%b"}', [202, 202]),
        (b'{"player_id": "%b"}\n{"player_id": "%b"}\n{"player_id": "fe3b', [202, 202, 400]),
        (b'{"player_id": "%b"}\n\xff\n{"player_id": "%b"}', [202, 400, 202]),
        (b'[{"player_id": "%b"}]\n{"player_id": "%b"}', [400, 202]),
        (b'{"player_id": "%b", "a": NaN}\n{"player_id": "%b"}', [400, 202]),
    ],
)
def test_lines_are_read_one_by_one(
    door: Callable[[str], Door], door_cloud: Aws, body: bytes, wanted: list[int]
) -> None:
    answer = door(SESSION)(body % ((PLAYER.encode(),) * 2), headers=NDJSON)

    assert statuses(answer) == wanted
    assert len(door_cloud.queues["queue"]) == wanted.count(202)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (f'{{"player_id": "{PLAYER}", "player_id": "x"}}', "a JSON object names a key twice"),
        ("NaN", "NaN is not JSON"),
        ('{"a": 1e9999}', "a number with an exponent beyond 1000"),
        ('"\\ud800"', "a lone surrogate is not text"),
        ("[" * 40 + "]" * 40, "JSON nested deeper than 32 levels"),
        ("9" * 5000, "a number of more than 1000 digits"),
        ("null", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ("{}", "player_id is required"),
    ],
)
def test_an_item_of_garbage_costs_no_other(
    door: Callable[[str], Door], door_cloud: Aws, bad: str, error: str
) -> None:
    answer = door(SESSION)(f"[{json.dumps(GOOD)}, {bad}, {json.dumps(GOOD)}]")

    assert statuses(answer) == [202, 400, 202]
    assert (items(answer)[1]["error"], items(answer)[1]["delivery"]) == (error, "rejected")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "empty body"),
        (None, "empty body"),
        ("[]", "empty body"),
        (" [ ] ", "empty body"),
        ("{}", "not a JSON array"),
        ("nonsense", "not a JSON array"),
        ('[{"player_id"', "invalid JSON"),
        ("[{}] {}", "invalid JSON"),
        ("[{},]", "invalid JSON"),
        (b"[\xff]", "invalid JSON"),
        ("[" * 100_000, "invalid JSON"),
        ([{}] * (MAX_ITEMS + 1), "body must have at most 500 items"),
    ],
)
def test_what_spoils_the_whole_batch(
    door: Callable[[str], Door], door_cloud: Aws, body: Any, reason: str
) -> None:
    answer = door(SESSION)(body)

    assert (answer["statusCode"], answer["headers"]["Gateway-Error"]) == (400, reason)
    assert answer["headers"]["Gateway-Delivery"] == "rejected"
    assert json.loads(answer["body"]).keys() == {"message", "response"}
    assert door_cloud.queues["queue"] == []


def test_lines_without_any_item(door: Callable[[str], Door], door_cloud: Aws) -> None:
    answer = door(SESSION)(b"\n \r\n\n", headers=NDJSON)

    assert (answer["statusCode"], answer["headers"]["Gateway-Error"]) == (400, "empty body")


def test_500_items_of_garbage_are_500_answers(door: Callable[[str], Door], door_cloud: Aws) -> None:
    answer = door(SESSION)([{"player_id": "x" * 4000, "a" * 600: {"b": []}}] * MAX_ITEMS)

    assert statuses(answer) == [400] * MAX_ITEMS
    assert len(answer["body"]) < 6 * 1024 * 1024
    assert door_cloud.batches == []


@pytest.mark.parametrize("packed", [False, True])
def test_gzip(door: Callable[[str], Door], door_cloud: Aws, packed: bool) -> None:
    body = json.dumps([GOOD] * 3).encode()

    answer = door(SESSION)(
        gzip.compress(body) if packed else body, headers={"Content-Encoding": "gzip"} if packed else {}
    )

    assert statuses(answer) == [202] * 3


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (lambda: b"[" + b" " * MAX_RECEIVED + b"]", {}),
        (lambda: gzip.compress(b"[" + b" " * MAX_UNPACKED + b"]"), {"Content-Encoding": "gzip"}),
        (lambda: gzip.compress(b"0" * 200_000_000), {"Content-Encoding": "gzip"}),
    ],
    ids=["received", "unpacked", "bomb"],
)
def test_too_large(
    door: Callable[[str], Door], door_cloud: Aws, body: Callable[[], bytes], headers: Mapping[str, str]
) -> None:
    answer = door(SESSION)(body(), headers=headers)

    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (413, "rejected")


def test_other_encodings_are_refused(door: Callable[[str], Door], door_cloud: Aws) -> None:
    for encoding in ("br", "gzip"):
        answer = door(SESSION)(b"[{}]", headers={"Content-Encoding": encoding})
        assert answer["statusCode"] == 400


def test_digits_stay_as_they_were_sent(door: Callable[[str], Door], door_cloud: Aws) -> None:
    data = '{"purchases": [{"sku": "s", "amount": 1.10, "iso": "USD"}]}'

    door("/batch/onesignal/new-purchase")(f'[{{"player_id": "{PLAYER}", "purchaseData": {data}}}]')

    (task,) = queued(door_cloud)
    assert b'"amount":1.10' in base64.b64decode(task.payload.data()["body"])


def test_each_item_has_a_key_of_its_own(door: Callable[[str], Door], door_cloud: Aws) -> None:
    opened = door(SESSION)

    for _ in range(2):
        answer = opened([GOOD] * 3, headers={"Idempotency-Key": "K"})
        assert statuses(answer) == [202] * 3
    opened([GOOD] * 3, headers={"Idempotency-Key": "L"})

    keys = [task.key for task in queued(door_cloud)]
    assert keys[:3] == keys[3:6]
    assert len(set(keys)) == 6
    assert len({task.fingerprint for task in queued(door_cloud)}) == 1
    assert door_cloud.items == {}  # the worker claims them


@pytest.mark.parametrize(("key", "status"), [("k" * 251, 200), ("k" * 252, 400), ("\u00fc", 400), ("", 400)])
def test_a_key_leaves_room_for_the_items_numbers(
    door: Callable[[str], Door], door_cloud: Aws, key: str, status: int
) -> None:
    answer = door(SESSION)([GOOD], headers={"Idempotency-Key": key})

    assert answer["statusCode"] == status
    assert ("Idempotency-Key must be 1 to 251 printable" in answer["body"]) is (status == 400)


def test_what_the_queue_did_not_take_is_said_item_by_item(
    door: Callable[[str], Door], door_cloud: Aws
) -> None:
    bad = {"player_id": "00000001-3289-4651-ad15-3b995718badd"}
    door_cloud.refused = ["00000001"] * 2

    answer = door(SESSION)([GOOD, bad, GOOD])

    assert (answer["statusCode"], statuses(answer)) == (207, [202, 502, 202])
    assert items(answer)[1]["delivery"] == "unknown"


def test_a_function_that_is_nearly_over_promises_nothing(
    door: Callable[[str], Door], door_cloud: Aws
) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 900

    opened = door(SESSION)
    answer = opened.handler(opened.event([GOOD] * 3), Context())

    assert {item["delivery"] for item in items(answer)} == {"unknown"}
    assert door_cloud.queues["queue"] == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", ""])
def test_other_methods(door: Callable[[str], Door], door_cloud: Aws, method: str) -> None:
    answer = door(SESSION)(httpMethod=method)

    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "POST, OPTIONS")


def test_an_empty_segment_is_no_path_of_ours(door: Callable[[str], Door], door_cloud: Aws) -> None:
    assert door(SESSION)(path="//batch/onesignal/new-session")["statusCode"] == 404


@pytest.fixture
def keyed(door: Callable[[str], Door], monkeypatch: pytest.MonkeyPatch) -> Door:
    """A door that asks for a client key, which may use one app."""
    opened = door(SESSION).having(client_keys="required")
    known = {"id": "k1", "sha256": hashlib.sha256(b"good").hexdigest(), "allows": [APP_ID]}
    monkeypatch.setattr(opened.handler.system.secret, "client_keys", lambda look_again=False: [known])
    return opened


def test_the_client_key_is_the_batchs_not_an_items(keyed: Door, door_cloud: Aws) -> None:
    assert keyed([{**GOOD, "user_key": "good"}])["statusCode"] == 403

    assert statuses(keyed([{**GOOD, "user_key": "evil"}], headers={"X-Api-Key": "good"})) == [202]
    (task,) = queued(door_cloud)
    assert "user_key" not in json.dumps(task.payload.data())


def test_a_client_keys_app_is_the_app_of_every_item(keyed: Door, door_cloud: Aws) -> None:
    assert APP.fits(APP_ID)
    keyed([GOOD] * 2, headers={"X-Api-Key": "good"})

    assert [(task.payload.account, task.version) for task in queued(door_cloud)] == [
        (APP_ID, ACCOUNT_BY_KEY)
    ] * 2
    assert {task.scope for task in queued(door_cloud)} == {(PLAYER, APP_ID, "k1")}


def test_unknown_keys_cost_nothing(keyed: Door, door_cloud: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = keyed("not even JSON", headers={"X-Api-Key": "bad"})
    assert (answer["statusCode"], answer["headers"]["Gateway-Delivery"]) == (403, "rejected")

    def unavailable(look_again: bool = False) -> Any:
        raise ClientKeysUnavailable

    monkeypatch.setattr(keyed.handler.system.secret, "client_keys", unavailable)
    assert keyed([GOOD], headers={"X-Api-Key": "good"})["statusCode"] == 503


def test_one_line_and_metrics_that_count_items(
    door: Callable[[str], Door], door_cloud: Aws, door_log: Callable[[], str]
) -> None:
    answer = door(SESSION)([GOOD, {}, GOOD, {"player_id": "secret-person"}, []])

    written = [json.loads(line) for line in door_log().splitlines()]
    (line,) = [one for one in written if one.get("message") == "batch"]
    assert line["event_id"] == answer["headers"]["Gateway-Event-Id"]
    assert (line["status"], line["items"]) == (207, 5)
    assert line["deliveries"] == {"queued": 2, "rejected": 3}
    assert line["errors"] == {"invalid": 2, "unreadable": 1}
    assert line["places"] == {"queued": "0,2", "rejected: invalid": "1,3", "rejected: unreadable": "4"}
    (metrics,) = [one for one in written if "_aws" in one]
    assert {name: metrics[name] for name in ("Queued", "Rejected", "Accepted")} == {
        "Queued": [2.0],
        "Rejected": [3.0],
        "Accepted": [2.0],
    }
    assert "secret-person" not in json.dumps(written)


def test_a_fault_of_ours_costs_its_own_item(
    door: Callable[[str], Door], door_cloud: Aws, monkeypatch: pytest.MonkeyPatch, door_log: Callable[[], str]
) -> None:
    opened = door(SESSION)
    message = opened.handler.message
    failing = iter([False, True, False])

    def sometimes(received: Any) -> Any:
        if next(failing):
            raise RuntimeError(PLAYER)
        return message(received)

    monkeypatch.setattr(opened.handler, "message", sometimes)

    answer = opened([GOOD] * 3)

    assert statuses(answer) == [202, 500, 202]
    assert items(answer)[1]["delivery"] == "unknown"
    assert PLAYER not in door_log()
