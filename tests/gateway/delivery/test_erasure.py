"""Whose a task is, and what is left of it without them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.core.identifiers import same_id
from gateway.core.message import HttpRequest
from gateway.core.task import DeliveryTask
from gateway.delivery import erasure
from gateway.delivery.erasure import Forgotten, without
from gateway.outbound import aws
from tests.conftest import http_request
from track.row import Row

FIELDS = frozenset({"customUserId", "ProfileID"})


def task(payload: HttpRequest | Row, *scope: str) -> DeliveryTask:
    return DeliveryTask(
        system="s", endpoint="e", event_id="E", received_at=100, payload=payload, scope=scope, key="k"
    )


def posted(body: Any, *, account: str = "", query: str = "") -> HttpRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpRequest(method="POST", path="/p", body=raw, account=account, query=query)


def left(found: DeliveryTask, person: str) -> DeliveryTask | None:
    return without(found, FIELDS, lambda other: other == person)


@pytest.mark.parametrize(
    "found",
    [
        task(posted({}), "ada"),
        task(posted(b""), "ada", "key id"),
        task(posted({"customUserId": "ada"})),
        task(posted({"a": [{"b": {"customUserId": "ada"}}]})),
        task(posted(b"not JSON", query="x=1&customUserId=ada")),
        task(Row(table="UserEvent", values={"ProfileID": "ada"})),
        task(posted([{"customUserId": "ada"}, {"customUserId": "ada"}])),
    ],
)
def test_a_call_about_a_person_is_left_out(found: DeliveryTask) -> None:
    assert left(found, "ada") is None
    assert left(found, "bob") == found


@pytest.mark.parametrize("value", [7, "7"])
def test_a_number_is_named_by_its_digits(value: Any) -> None:
    assert left(task(posted({"customUserId": value})), "7") is None
    assert left(task(Row(table="UserEvent", values={"ProfileID": value})), "7") is None


@pytest.mark.parametrize(
    "found",
    [
        task(posted({"customEventName": "ada", "note": {"more": "ada"}})),
        task(posted({}, account="ada"), "ada"),
        task(Row(table="UserEvent", values={"ProfileID": 7, "Message": "ada"})),
        task(posted(b"ada")),
        task(posted({"customUserId": None})),
        task(posted([])),
    ],
)
def test_a_value_that_names_nobody_is_nobodys(found: DeliveryTask) -> None:
    assert left(found, "ada") == found


def test_of_a_batch_only_the_persons_events_go() -> None:
    body = b'[{"customUserId":"ada","total":1.10},{"customUserId":"bob","total":1.10},{"idfa":"x"}]'

    found = left(task(posted(body)), "ada")

    assert found is not None
    # Digits stay; identity and fingerprint are what they were.
    assert http_request(found).content == b'[{"customUserId":"bob","total":1.10},{"idfa":"x"}]'
    assert (found.key, found.event_id) == ("k", "E")


def test_only_what_came_before_the_asking_goes() -> None:
    tombstones = Forgotten("s", FIELDS, {erasure.mark("s", "ada"): 100, erasure.mark("s", "bob"): 99.9})

    assert tombstones.spare(task(posted({"customUserId": "ada"}))) is None
    assert tombstones.spare(task(posted({"customUserId": "bob"}))) is not None
    assert Forgotten("other", FIELDS, tombstones.asked).spare(task(posted({}), "ada")) is not None


@pytest.mark.parametrize("written", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("sent", [str.lower, str.upper])
def test_a_uuid_is_one_whatever_its_case(written: Any, sent: Any) -> None:
    uuid = "fe3bcc9f-3289-4651-ad15-3b995718badd"
    # As the operator's CLI writes it today; then as 0.1.0 did, whose letters were the operator's.
    today = Forgotten("s", FIELDS, {erasure.mark("s", same_id(written(uuid))): 100})
    older = Forgotten("s", FIELDS, {erasure.mark("s", written(uuid)): 100})

    assert today.spare(task(posted({}), sent(uuid))) is None
    assert today.spare(task(posted({"customUserId": sent(uuid)}))) is None
    if written is not str.title:
        assert older.spare(task(posted({}), sent(uuid))) is None


def test_what_is_no_uuid_keeps_its_case() -> None:
    tombstones = Forgotten("s", FIELDS, {erasure.mark("s", "ada"): 100})

    assert tombstones.spare(task(posted({}), "Ada")) is not None


def test_tombstones_are_read_from_the_systems_table(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def post(service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        asked.append((action, body["TableName"], body["Key"]["key"]["S"]))
        return {"Item": {"people": {"M": {"a": {"N": "5.5"}}}}} if len(asked) == 1 else {}

    monkeypatch.setattr(aws, "post", post)

    assert Forgotten.read("table", "s", FIELDS).asked == {"a": 5.5}
    assert Forgotten.read("table", "s", FIELDS).asked == {}
    assert asked == [("GetItem", "table", erasure.item_key("s"))] * 2


def test_a_tombstone_outlives_what_it_is_for() -> None:
    assert erasure.KEEP_SECONDS > 28 * 24 * 3600
    assert erasure.mark("s", "ada") != erasure.mark("t", "ada") != erasure.item_key("s")
