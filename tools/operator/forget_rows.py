"""A person's rows in a SQL event store."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Delete, Integer, Table, delete, func, or_, select
from sqlalchemy.dialects import mysql

from gateway.errors import UpstreamError
from tools.operator import people
from tools.operator.removal import Removal
from tools.operator.sql_store import sql_store
from tools.operator.stack import Stack
from track.stores.record import LARGEST_INTEGER
from track.stores.sql import SqlStore
from track.stores.tables import SQL_TABLES


def forget_rows(stack: Stack, person: str, removal: Removal, *, dry_run: bool) -> None:
    """Delete them from the store that the stack's `EventStore` names."""
    try:
        with sql_store(stack) as store:
            _delete(store, person, removal, dry_run=dry_run)
    except UpstreamError as error:
        removal.leave(f"The event store was not asked ({error.reason}). Where it can be reached, run: ")
        for table, condition in _conditions(person):
            removal.leave(f"  {_sql(delete(table).where(condition))};")


def _delete(store: SqlStore, person: str, removal: Removal, *, dry_run: bool) -> None:
    with store.engine.begin() as connection:
        for table, condition in _conditions(person):
            if dry_run:
                counted = select(func.count()).select_from(table).where(condition)
                number = connection.execute(counted).scalar_one()
            else:
                number = connection.execute(delete(table).where(condition)).rowcount
            removal.count(f"rows of {table.name}", number)


def _conditions(person: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    for table in SQL_TABLES.values():
        found = [
            table.c[name] == value
            for name in sorted(people.fields("track") & set(table.c.keys()))
            if (value := _value(table, name, person)) is not None
        ]
        if found:
            yield table, or_(*found)


def _value(table: Table, name: str, person: str) -> str | int | None:
    if not isinstance(table.c[name].type, Integer):
        return person
    try:
        number = int(person)
    except ValueError:
        return None
    return number if str(number) == person and abs(number) <= LARGEST_INTEGER else None


def _sql(statement: Delete) -> str:
    # SQLite takes MySQL's quotes, too.
    dialect = mysql.dialect(paramstyle="named")
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("\n", "")
