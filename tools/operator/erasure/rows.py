"""A person's rows in a SQL event store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Delete, Table, and_, delete, false, func, or_, select
from sqlalchemy.dialects import mysql

from gateway.core.errors import UpstreamError
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Person
from tools.operator.sql_store import sql_store
from tools.operator.stack import Stack
from track.stores.sql import SqlStore
from track.stores.tables import SQL_TABLES


def forget_rows(stack: Stack, person: Person, removal: Removal, *, dry_run: bool) -> None:
    """Delete them from the store that the stack's `EventStore` names."""
    try:
        with sql_store(stack) as store:
            _delete(store, person, removal, dry_run=dry_run)
    except UpstreamError as error:
        removal.leave(f"The event store was not asked ({error.reason}). Where it can be reached, run: ")
        for table, condition in _conditions(person):
            if not person.columns.keys() & table.c.keys():
                continue
            removal.leave(f"  {_sql(delete(table).where(condition))};")


def _delete(store: SqlStore, person: Person, removal: Removal, *, dry_run: bool) -> None:
    with store.engine.begin() as connection:
        for table, condition in _conditions(person):
            if dry_run:
                counted = select(func.count()).select_from(table).where(condition)
                number = connection.execute(counted).scalar_one()
            else:
                number = connection.execute(delete(table).where(condition)).rowcount
            removal.count(f"rows_of_{table.name}", number)


def _conditions(person: Person) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    for table in SQL_TABLES.values():
        found = [
            _is(table.c[name], value) for name, value in sorted(person.columns.items()) if name in table.c
        ]
        yield table, or_(false(), *found)


def _is(column: ColumnElement[Any], value: str | int) -> ColumnElement[bool]:
    if isinstance(value, int):
        return column == value
    # MySQL's text equals text of another case, with other accents, or with spaces behind it: another's.
    return and_(column == value, func.hex(column) == value.encode().hex().upper())


def _sql(statement: Delete) -> str:
    # SQLite takes MySQL's quotes, too.
    dialect = mysql.dialect(paramstyle="named")
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("\n", "")
