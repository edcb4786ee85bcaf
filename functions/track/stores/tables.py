"""The SQL tables, for SQLAlchemy, built from the plain description of the records."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from track.stores import record
from track.stores.record import TABLES, Record, Value

METADATA = MetaData()

_EVENT_ID = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows only in an INTEGER column
_CREATED = DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql")
_GATEWAY_EVENT_ID = CHAR(26).with_variant(mysql.CHAR(26, charset="ascii", collation="ascii_bin"), "mysql")
# SQLite has no decimals: a column of any numeric affinity would round an amount to a float.
_AMOUNT = Numeric(19, 4).with_variant(String(21), "sqlite")


def _type(column: record.Column) -> TypeEngine[Any]:
    match column.kind:
        case "text":
            return String(column.length)
        case "integer":
            return Integer()
        case "boolean":
            return Boolean()
        case "amount":
            return _AMOUNT


def _default(column: record.Column) -> str | None:
    return None if column.required else str(int(column.absent) if column.absent is False else column.absent)


def _table(name: str, columns: tuple[record.Column, ...]) -> Table:
    return Table(
        name,
        METADATA,
        Column("EventID", _EVENT_ID, primary_key=True, autoincrement=True),
        Column("Created", _CREATED, nullable=False),
        *(
            Column(column.name, _type(column), nullable=False, server_default=_default(column))
            for column in columns
        ),
        # NULL if something other than the gateway wrote the row: still unique.
        Column("GatewayEventID", _GATEWAY_EVENT_ID),
        Index(f"{name}_GatewayEventID", "GatewayEventID", unique=True),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
    )


SQL_TABLES: Mapping[str, Table] = {name: _table(name, columns) for name, columns in TABLES.items()}


def parameters(found: Record, *, places: str) -> tuple[Value, ...]:
    """A record in the order of its table's columns, without `EventID`, as the driver takes them.

    Amounts stay strings: the database reads all their digits. `places`: `Created` is written to the
    `milliseconds` or to the `microseconds`.
    """
    created = found.created.replace(tzinfo=None).isoformat(" ", places)
    return (created, *found.values.values(), found.event_id)
