"""A row fits its table or is refused before any store sees it, in words that never quote a value."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.errors import Refused
from gateway.core.task import DeliveryTask
from track.row import Row
from track.stores.record import TABLES, record_of

from .conftest import VALUES, task_of


@pytest.mark.parametrize("table", TABLES)
def test_a_good_row_gets_every_column(table: str) -> None:
    record = record_of(task_of(table, "01HF7YAT00AAAAAAAAAAAAAAAA"))

    assert record.table == table
    assert list(record.values) == [column.name for column in TABLES[table]]
    assert record.event_id == "01HF7YAT00AAAAAAAAAAAAAAAA"
    assert record.created == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)
    assert {name: record.values[name] for name in VALUES[table]} == VALUES[table]


def test_an_absent_optional_is_stored_as_empty_or_zero() -> None:
    record = record_of(task_of("ItemEvent"))

    assert (record.values["IsRented"], record.values["PriceSilver"], record.values["Language"]) == (
        False,
        0,
        "",
    )


@pytest.mark.parametrize(
    ("table", "changed", "reason"),
    [
        ("SessionEvent", {"Region": "x" * 17}, "Region is longer than 16 characters"),
        ("SessionEvent", {"Region": 5}, "Region is not text"),
        ("SessionEvent", {"Message": "\ud800"}, "Message is not Unicode text"),
        ("SessionEvent", {"Nope": 1}, "SessionEvent has no column Nope"),
        ("UserEvent", {"ProfileID": 2**31}, "ProfileID is not a 32-bit integer"),
        ("UserEvent", {"ProfileID": True}, "ProfileID is not a 32-bit integer"),
        ("UserEvent", {"ProfileID": "7"}, "ProfileID is not a 32-bit integer"),
        ("ItemEvent", {"IsUGC": 1}, "IsUGC is not a boolean"),
        ("PurchaseEvent", {"NetAmount": "1.5"}, "NetAmount is not an amount with four decimal places"),
        ("PurchaseEvent", {"NetAmount": "1.5000\n"}, "NetAmount is not an amount with four decimal places"),
        (
            "PurchaseEvent",
            {"NetAmount": "1" * 16 + ".0000"},
            "NetAmount is not an amount with four decimal places",
        ),
        ("PurchaseEvent", {"NetAmount": "٣.0000"}, "NetAmount is not an amount with four decimal places"),
    ],
)
def test_what_does_not_fit_is_refused(table: str, changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as caught:
        record_of(task_of(table, **changed))

    assert (caught.value.reply.status, caught.value.reply.body.decode()) == (400, reason)


def test_a_required_column_may_not_be_absent() -> None:
    task = task_of("UserEvent")
    assert isinstance(task.payload, Row)
    without = {name: value for name, value in task.payload.values.items() if name != "Region"}
    task = replace(task, payload=replace(task.payload, values=without))

    with pytest.raises(Refused) as caught:
        record_of(task)

    assert caught.value.reply.body == b"Region is absent"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"table": "Nope", "values": {}},
        {"method": "POST", "path": "/"},
        {"table": "UserEvent", "values": VALUES["UserEvent"], "more": 1},
        {"table": "UserEvent", "values": None},
        {"table": None, "values": VALUES["UserEvent"]},
    ],
)
def test_what_is_no_row_is_refused(payload: dict[str, object]) -> None:
    task = DeliveryTask(
        system="track", endpoint="user", event_id="E", received_at=0.0, payload=Row.of(payload)
    )

    with pytest.raises(Refused) as caught:
        record_of(task)

    assert caught.value.reply.body == b"not a row of a table that this store has"
