"""A person's rows in a SQL event store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Delete, Table, and_, delete, false, func, or_, select
from sqlalchemy.dialects import mysql

from gateway.core.errors import UpstreamError
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Subject
from tools.operator.stack import Stack
from tools.systems.track.sql_store import sql_store
from track.stores.sql import SqlStore
from track.stores.tables import SQL_TABLES


def erase_rows(stack: Stack, subject: Subject, removal: Removal, *, dry_run: bool) -> None:
    """Delete them from the store that `EventStore` names; if it cannot be reached, report the SQL to run."""
    try:
        with sql_store(stack) as store:
            _delete(store, subject, removal, dry_run=dry_run)
    except UpstreamError as error:
        removal.leave(
            f"The event store could not be reached ({error.reason}). From where it can be reached, run: "
        )
        for table, condition in _conditions(subject):
            if not subject.columns.keys() & table.c.keys():
                continue
            removal.leave(f"  {_sql(delete(table).where(condition))};")


def _delete(store: SqlStore, subject: Subject, removal: Removal, *, dry_run: bool) -> None:
    with store.engine.begin() as connection:
        for table, condition in _conditions(subject):
            if dry_run:
                counted = select(func.count()).select_from(table).where(condition)
                number = connection.execute(counted).scalar_one()
            else:
                number = connection.execute(delete(table).where(condition)).rowcount
            removal.count(f"rows_of_{table.name}", number)


def _conditions(subject: Subject) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    for table in SQL_TABLES.values():
        found = [
            _is(table.c[name], value) for name, value in sorted(subject.columns.items()) if name in table.c
        ]
        yield table, or_(false(), *found)


def _is(column: ColumnElement[Any], value: str | int) -> ColumnElement[bool]:
    if isinstance(value, int):
        return column == value
    # MySQL compares text regardless of case, accents and trailing spaces, which would match other people.
    return and_(column == value, func.hex(column) == value.encode().hex().upper())


def _sql(statement: Delete) -> str:
    # SQLite accepts MySQL's quotes, too.
    dialect = mysql.dialect(paramstyle="named")
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("\n", "")
