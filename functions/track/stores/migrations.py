"""Creates the SQL tables in numbered steps, each done once, however many processes run them at a time.

A step may be interrupted anywhere (MySQL commits each change of a table by itself), so each looks first at
what is there. A new step is added at the end; one that was released is never changed.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, Table, insert, inspect, select, text
from sqlalchemy.schema import CreateColumn

from track.stores.tables import METADATA, SQL_TABLES

LOCK_SECONDS = 60

_versions = Table(
    "TrackMigration",
    MetaData(),
    Column("Version", Integer, primary_key=True, autoincrement=False),
    Column("Applied", DateTime, nullable=False),
)


def _make_tables(connection: Connection) -> None:
    METADATA.create_all(connection)


def _complete_tables(connection: Connection) -> None:
    """Add missing columns and the index to tables that the original service created."""
    found = inspect(connection)
    quote = connection.dialect.identifier_preparer.quote
    for table in SQL_TABLES.values():
        there = {column["name"].lower() for column in found.get_columns(table.name)}
        for column in table.columns:
            if column.name.lower() not in there:
                form = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {form}")
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in indexes:
                index.create(connection)


STEPS: tuple[Callable[[Connection], None], ...] = (_make_tables, _complete_tables)


def pending(connection: Connection) -> list[int]:
    """The versions that are not yet applied to this database."""
    if not inspect(connection).has_table(_versions.name):
        return list(range(1, len(STEPS) + 1))
    done = set(connection.execute(select(_versions.c.Version)).scalars())
    return [version for version in range(1, len(STEPS) + 1) if version not in done]


def migrate(connection: Connection) -> list[int]:
    """Bring the database up to date and return the versions that were applied by this call.

    Needs a connection that commits each statement (MySQL), or one whose transaction holds the write lock
    (SQLite). Raises TimeoutError if another process migrates for over a minute.
    """
    if connection.dialect.name != "mysql":
        return _apply(connection)
    # A lock's name is global to the server: each database gets its own.
    name = f"trackgate.{connection.execute(text('SELECT MD5(DATABASE())')).scalar_one()}"
    taken = connection.execute(
        text("SELECT GET_LOCK(:name, :seconds)"), {"name": name, "seconds": LOCK_SECONDS}
    )
    if taken.scalar_one() != 1:
        raise TimeoutError("another migration holds the lock")
    try:
        return _apply(connection)
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name}).scalar_one()


def _apply(connection: Connection) -> list[int]:
    _versions.create(connection, checkfirst=True)
    versions = pending(connection)
    for version in versions:
        STEPS[version - 1](connection)
        applied = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
        connection.execute(insert(_versions), {"Version": version, "Applied": applied})
    return versions
