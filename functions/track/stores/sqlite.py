"""The event store of a local run: one SQLite file that outlives the run, written by many processes."""

import sqlite3
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool
from sqlalchemy.sql.dml import Insert

from gateway.core.errors import Setup, Transient, UpstreamError
from track.stores import migrations
from track.stores.record import refused
from track.stores.sql import SqlStore

OPEN_SECONDS = 10.0

# SQLite's primary result codes: https://www.sqlite.org/rescode.html
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT}
_DATA = {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG}


class SqliteStore(SqlStore):
    """A file, or `:memory:`. Its tables are created when it is opened."""

    places = "microseconds"

    def __init__(self, path: str) -> None:
        """Raises Setup if the file cannot be opened, Transient if it stays locked for ten seconds."""
        super().__init__(_engine(path))
        try:
            _prepare(path, self.engine)
        except (sqlite3.Error, DBAPIError) as error:
            self.close()
            raise _meaning_of(_code(error)) from error

    def _insert(self, table: Table) -> Insert:
        return insert(table).on_conflict_do_nothing(index_elements=["GatewayEventID"])

    def _transaction(self, connection: Connection) -> AbstractContextManager[object]:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout = {int(self.budget * 1000)}")
        return connection.begin()

    def meaning(self, error: DBAPIError, *, sent: bool) -> UpstreamError:
        """By the code, never by the text."""
        del sent  # a local file always answers
        return _meaning_of(_code(error))


def _meaning_of(code: int) -> UpstreamError:
    if code in _BUSY:
        return Transient("database locked")
    if code in _ROOM:
        return Transient("disk full or failing")
    if code in _DATA:
        return refused("the database refuses the row")
    return Setup("database unusable")


def _code(error: sqlite3.Error | DBAPIError) -> int:
    found = error.orig if isinstance(error, DBAPIError) else error
    code: int = getattr(found, "sqlite_errorcode", 0)
    return code & 0xFF


def _engine(path: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        # :memory: lives only as long as its one connection.
        poolclass=StaticPool if path == ":memory:" else QueuePool,
        connect_args={"timeout": OPEN_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late to hold the write lock
    connection.execute("PRAGMA synchronous = FULL")  # acknowledged means written to disk


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(path: str, engine: Engine) -> None:
    """Switch to the write-ahead log, which ignores timeouts and stays with the file; create tables."""
    deadline = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            with engine.begin() as prepared:
                migrations.migrate(prepared)
            return
        except (sqlite3.Error, DBAPIError) as error:
            if _code(error) not in _BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(0.05)


def file_of(url: str) -> str:
    """The path in `sqlite:///path` (four slashes for an absolute one). Raises Setup."""
    path = url.removeprefix("sqlite:///")
    if path == url or not path:
        raise Setup("store URL unreadable")
    if path != ":memory:" and not Path(path).absolute().parent.is_dir():
        raise Setup("store's folder is missing")
    return path
