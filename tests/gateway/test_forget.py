"""Whose a Call is, and what is left of it without them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway import aws, forget
from gateway.call import Call, HttpRequest, Row
from gateway.forget import Forgotten, without

FIELDS = frozenset({"customUserId", "ProfileID"})


def call(payload: HttpRequest | Row, *scope: str) -> Call:
    return Call(
        system="s", endpoint="e", event_id="E", received_at=100, payload=payload.data(), scope=scope, key="k"
    )


def posted(body: Any, *, account: str = "", query: str = "") -> HttpRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpRequest(method="POST", path="/p", body=raw, account=account, query=query)


def left(found: Call, person: str) -> Call | None:
    return without(found, FIELDS, lambda other: other == person)


@pytest.mark.parametrize(
    "found",
    [
        call(posted({}), "ada"),
        call(posted(b""), "ada", "key id"),
        call(posted({"customUserId": "ada"})),
        call(posted({"a": [{"b": {"customUserId": "ada"}}]})),
        call(posted(b"not JSON", query="x=1&customUserId=ada")),
        call(Row(table="UserEvent", values={"ProfileID": "ada"})),
        call(posted([{"customUserId": "ada"}, {"customUserId": "ada"}])),
    ],
)
def test_a_call_about_a_person_is_left_out(found: Call) -> None:
    assert left(found, "ada") is None
    assert left(found, "bob") == found


@pytest.mark.parametrize("value", [7, "7"])
def test_a_number_is_named_by_its_digits(value: Any) -> None:
    assert left(call(posted({"customUserId": value})), "7") is None
    assert left(call(Row(table="UserEvent", values={"ProfileID": value})), "7") is None


@pytest.mark.parametrize(
    "found",
    [
        call(posted({"customEventName": "ada", "note": {"more": "ada"}})),
        call(posted({}, account="ada"), "ada"),
        call(Row(table="UserEvent", values={"ProfileID": 7, "Message": "ada"})),
        call(posted(b"ada")),
        call(posted({"customUserId": None})),
        call(posted([])),
    ],
)
def test_a_value_that_names_nobody_is_nobodys(found: Call) -> None:
    assert left(found, "ada") == found


def test_of_a_batch_only_the_persons_events_go() -> None:
    body = b'[{"customUserId":"ada","total":1.10},{"customUserId":"bob","total":1.10},{"idfa":"x"}]'

    found = left(call(posted(body)), "ada")

    assert found is not None
    # Digits stay; identity and fingerprint are what they were.
    assert HttpRequest.of(found.payload).body == b'[{"customUserId":"bob","total":1.10},{"idfa":"x"}]'
    assert (found.key, found.event_id) == ("k", "E")


def test_only_what_came_before_the_asking_goes() -> None:
    tombstones = Forgotten("s", FIELDS, {forget.mark("s", "ada"): 100, forget.mark("s", "bob"): 99.9})

    assert tombstones.spare(call(posted({"customUserId": "ada"}))) is None
    assert tombstones.spare(call(posted({"customUserId": "bob"}))) is not None
    assert Forgotten("other", FIELDS, tombstones.asked).spare(call(posted({}), "ada")) is not None


@pytest.mark.parametrize("written", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("sent", [str.lower, str.upper])
def test_a_uuid_is_one_whatever_its_case(written: Any, sent: Any) -> None:
    uuid = "fe3bcc9f-3289-4651-ad15-3b995718badd"
    # As the operator's CLI writes it today; then as 0.1.0 did, whose letters were the operator's.
    today = Forgotten("s", FIELDS, {forget.mark("s", forget.same_id(written(uuid))): 100})
    older = Forgotten("s", FIELDS, {forget.mark("s", written(uuid)): 100})

    assert today.spare(call(posted({}), sent(uuid))) is None
    assert today.spare(call(posted({"customUserId": sent(uuid)}))) is None
    if written is not str.title:
        assert older.spare(call(posted({}), sent(uuid))) is None


def test_what_is_no_uuid_keeps_its_case() -> None:
    tombstones = Forgotten("s", FIELDS, {forget.mark("s", "ada"): 100})

    assert tombstones.spare(call(posted({}), "Ada")) is not None


def test_tombstones_are_read_from_the_systems_table(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def post(service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        asked.append((action, body["TableName"], body["Key"]["key"]["S"]))
        return {"Item": {"people": {"M": {"a": {"N": "5.5"}}}}} if len(asked) == 1 else {}

    monkeypatch.setattr(aws, "post", post)

    assert Forgotten.read("table", "s", FIELDS).asked == {"a": 5.5}
    assert Forgotten.read("table", "s", FIELDS).asked == {}
    assert asked == [("GetItem", "table", forget.item_key("s"))] * 2


def test_a_tombstone_outlives_what_it_is_for() -> None:
    assert forget.KEEP_SECONDS > 28 * 24 * 3600
    assert forget.mark("s", "ada") != forget.mark("t", "ada") != forget.item_key("s")
