"""The event store's tables as plain data, and the check that a row fits them, for every store."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from gateway.core.data import dataclass
from gateway.core.errors import Refused
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from track.row import Row

Kind = Literal["text", "integer", "boolean", "amount"]
Value = str | int | bool

LARGEST_INTEGER = 2**31 - 1
_AMOUNT = re.compile(r"-?[0-9]{1,15}\.[0-9]{4}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ABSENT: Mapping[Kind, Value] = {"text": "", "integer": 0, "boolean": False, "amount": "0.0000"}


@dataclass(frozen=True)
class Column:
    """One column. `length` counts a text's characters; an absent optional is stored as `""`, 0 or false."""

    name: str
    kind: Kind = "text"
    length: int = 0
    required: bool = True

    @cached_property
    def absent(self) -> Value:
        """The stored value if an optional one is absent."""
        return _ABSENT[self.kind]

    def problem(self, value: object) -> str:
        """Why `value` does not fit this column, without quoting it; empty if it fits."""
        match self.kind:
            case "text":
                return self._text_problem(value)
            case "integer":
                fits = type(value) is int and -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER
                return "" if fits else "is not a 32-bit integer"
            case "boolean":
                return "" if isinstance(value, bool) else "is not a boolean"
            case "amount":
                fits = isinstance(value, str) and _AMOUNT.fullmatch(value) is not None
                return "" if fits else "is not an amount with four decimal places"

    def _text_problem(self, value: object) -> str:
        if not isinstance(value, str):
            return "is not text"
        if not value.isascii() and _SURROGATE.search(value):
            return "is not Unicode text"
        return "" if len(value) <= self.length else f"is longer than {self.length} characters"


_PROFILE = Column("ProfileID", "integer")
_REGION = Column("Region", length=16)
_MESSAGE = Column("Message", length=45, required=False)
_LANGUAGE = Column("Language", length=16, required=False)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "SessionEvent": (
        _REGION,
        Column("SessionID", length=32),
        Column("RemoteIP", length=45),
        Column("SessionType", length=32),
        _MESSAGE,
        Column("ProfileID", "integer", required=False),
        _LANGUAGE,
    ),
    "UserEvent": (_PROFILE, _REGION, Column("Referrer", length=64, required=False), _MESSAGE, _LANGUAGE),
    "ItemEvent": (
        _PROFILE,
        _REGION,
        Column("ItemName", length=64),
        Column("ItemType", length=45),
        Column("IsUGC", "boolean", required=False),
        Column("IsRented", "boolean", required=False),
        Column("PriceGold", "integer", required=False),
        Column("PriceSilver", "integer", required=False),
        _LANGUAGE,
    ),
    "PurchaseEvent": (
        _PROFILE,
        _REGION,
        Column("Currency", length=3),
        Column("GrossAmount", "amount"),
        Column("NetAmount", "amount"),
        Column("PaymentProvider", length=45),
        Column("Product", length=45),
        _LANGUAGE,
    ),
}
"""The documented tables' own columns. Every table has `EventID` (the database's), `Created` and
`GatewayEventID` (the task's) besides."""

_NAMES = {table: frozenset(column.name for column in columns) for table, columns in TABLES.items()}


@dataclass(frozen=True)
class Record:
    """A row that fits its table: every column has a value. `created` is UTC, to the millisecond."""

    table: str
    values: Mapping[str, Value]
    event_id: str
    created: datetime


def record_of(task: DeliveryTask) -> Record:
    """The record that a task carries. Raises Refused (400, the reason as its body) if it fits no table.

    The endpoints have checked the values already; a task that another version queued may still differ.
    """
    row = task.payload
    if not isinstance(row, Row) or row.table not in TABLES:
        raise refused("not a row of a table that this store has")
    if unknown := row.values.keys() - _NAMES[row.table]:
        raise refused(f"{row.table} has no column {min(unknown)}")
    values: dict[str, Value] = {}
    for column in TABLES[row.table]:
        if column.name in row.values:
            value = row.values[column.name]
        elif column.required:
            raise refused(f"{column.name} is absent")
        else:
            value = column.absent
        if problem := column.problem(value):
            raise refused(f"{column.name} {problem}")
        values[column.name] = value
    milliseconds = round(task.received_at * 1000)
    created = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(
        microsecond=milliseconds % 1000 * 1000
    )
    return Record(row.table, values, task.event_id, created)


def refused(reason: str) -> Refused:
    """A row that fails on its data: another try would not change that."""
    return Refused(
        Reply(status=400, headers={"content-type": "text/plain; charset=utf-8"}, body=reason.encode())
    )
