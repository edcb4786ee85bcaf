"""The documented event store: MySQL or MariaDB, on AWS through RDS Proxy."""

import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pymysql
from pymysql.constants import CR, ER
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql.dml import Insert

from gateway.core.clock import passed
from gateway.core.errors import Setup, Transient, UpstreamError
from track.stores.address import Address
from track.stores.record import refused
from track.stores.sql import SqlStore

CONNECT_SECONDS = 10.0
SLACK_SECONDS = 0.1

IDLE_SECONDS = 20.0
"""Seconds. A frozen function's sockets die: a connection that was idle for longer is not used again."""

LOOK_AGAIN_SECONDS = 10.0
"""Seconds between readings of the secret after the database rejected our password."""

UNREAD_SECONDS = 5.0

# Without strict mode, MySQL silently truncates a long string and stores the nearest number.
_SESSION = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', innodb_lock_wait_timeout = {lock_seconds}"
)

# https://mariadb.com/docs/server/reference/error-codes has those that PyMySQL has no name for:
_CHECK_FAILED, _CHECK_FAILED_MARIADB, _READ_ONLY_MODE, _HOST_REFUSED = 3819, 4025, 1836, 1130
_SIGNALLED, _OUT_OF_RANGE_VALUE, _DOES_NOT_FIT, _PASSWORD_ELSEWHERE = 1644, 1690, 1292, 1698

_DATA = {
    ER.BAD_NULL_ERROR,
    ER.DATA_TOO_LONG,
    ER.WARN_DATA_OUT_OF_RANGE,
    ER.WARN_NULL_TO_NOTNULL,
    ER.WARN_DATA_TRUNCATED,
    ER.TRUNCATED_WRONG_VALUE_FOR_FIELD,
    ER.ILLEGAL_VALUE_FOR_TYPE,
    ER.DUP_ENTRY,
    ER.NO_REFERENCED_ROW,
    ER.NO_REFERENCED_ROW_2,
    _CHECK_FAILED,
    _CHECK_FAILED_MARIADB,
    _SIGNALLED,
    _OUT_OF_RANGE_VALUE,
    _DOES_NOT_FIT,
}
_SETUP = {
    ER.DBACCESS_DENIED_ERROR: "access to the database denied",
    ER.BAD_DB_ERROR: "unknown database",
    ER.NO_DB_ERROR: "unknown database",
    ER.TABLEACCESS_DENIED_ERROR: "access to the table denied",
    ER.COLUMNACCESS_DENIED_ERROR: "access to the table denied",
    ER.NO_SUCH_TABLE: "table missing",
    ER.BAD_FIELD_ERROR: "column missing",
    ER.NO_DEFAULT_FOR_FIELD: "table has columns of its own",
    _HOST_REFUSED: "database refuses this host",
    CR.CR_SSL_CONNECTION_ERROR: "database without TLS",
}
# The server stored nothing; a later try may succeed. Errors that are not listed are tried again too.
_PASSING = {
    ER.LOCK_WAIT_TIMEOUT: "lock timeout",
    ER.LOCK_DEADLOCK: "deadlock",
    ER.CON_COUNT_ERROR: "too many connections",
    ER.OPTION_PREVENTS_STATEMENT: "database read-only",
    _READ_ONLY_MODE: "database read-only",
    ER.DISK_FULL: "disk full",
    ER.RECORD_FILE_FULL: "table full",
    CR.CR_CONN_HOST_ERROR: "unreachable",
    CR.CR_CONNECTION_ERROR: "unreachable",
}
_REFUSED_CREDENTIAL = {ER.ACCESS_DENIED_ERROR, _PASSWORD_ELSEWHERE}
# After a failover, the connection leads to a server that accepts no more rows.
_WRONG_SERVER = {ER.OPTION_PREVENTS_STATEMENT, _READ_ONLY_MODE}


class CredentialRefused(Setup):
    """The database does not take the user's password."""


class MySqlStore(SqlStore):
    """Any MySQL or MariaDB with the tables that `make migrate` creates; the store never creates one.

    Each wait (connecting, signing in, an answer) may take a third of a send's seconds. `secret` reads a
    secret's text by its name or ARN; it is called when a connection needs a password that is not known yet,
    or was refused.
    """

    places = "milliseconds"

    def __init__(self, url: str, *, secret: Callable[[str], str]) -> None:
        """Nothing is connected yet. Raises Setup for a URL that cannot be read."""
        self._address = Address.of_url(url)
        self._read_secret = secret
        self._known: Address | None = None
        self._unread: UpstreamError | None = None
        self._read_at = 0.0
        super().__init__(self._make_engine())

    def _make_engine(self) -> Engine:
        engine = create_engine(
            "mysql+pymysql://",
            creator=self._connect,
            paramstyle="format",
            pool_size=1,
            max_overflow=0,
            pool_reset_on_return=None,
            # One statement is one transaction, and one round trip.
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
        )
        event.listen(engine, "connect", self._note_budget)
        event.listen(engine, "checkin", _note_idle)
        event.listen(engine, "checkout", self._drop_unfit)
        return engine

    def _connect(self) -> pymysql.Connection:
        address = self._signed_in()
        wait = self.budget / 3
        return pymysql.connect(
            user=address.user,
            password=address.password,
            host=address.host or None,
            port=address.port,
            unix_socket=address.socket or None,
            database=address.database,
            charset="utf8mb4",
            init_command=_SESSION.format(lock_seconds=max(1, int(wait) - 1)),
            connect_timeout=min(wait, CONNECT_SECONDS),
            read_timeout=wait,
            write_timeout=wait,
            ssl=_tls(address),
            ssl_disabled=not address.encrypted,
        )

    def _note_budget(self, _: object, entry: ConnectionPoolEntry) -> None:
        entry.info["budget"] = self.budget

    def _drop_unfit(self, _: object, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        del proxy
        idle = passed() - entry.info.get("idle_since", float("inf"))
        # Its timeouts were set when it was made, for a send that had more time.
        if idle > IDLE_SECONDS or entry.info["budget"] > self.budget + SLACK_SECONDS:
            raise DisconnectionError

    def _signed_in(self) -> Address:
        if not self._address.secret:
            return self._address
        if self._known is None:
            # An unreadable secret must not use up the whole time of every event.
            if self._unread is not None and passed() - self._read_at < UNREAD_SECONDS:
                raise self._unread
            self._read_at = passed()
            try:
                self._known = self._address.completed(self._read_secret(self._address.secret))
            except UpstreamError as failure:
                self._unread = failure
                raise
        return self._known

    def _insert(self, table: Table) -> Insert:
        # INSERT IGNORE would turn data errors into warnings; this skips only known event ids.
        return insert(table).on_duplicate_key_update(EventID=table.c.EventID)

    def _transaction(self, connection: Connection) -> AbstractContextManager[object]:
        del connection
        return nullcontext()

    def meaning(self, error: DBAPIError, *, sent: bool) -> UpstreamError:
        """By the code, never by the text."""
        code = error.orig.args[0] if error.orig is not None and error.orig.args else 0
        if code in _REFUSED_CREDENTIAL and passed() - self._read_at >= LOOK_AGAIN_SECONDS:
            self._known = None  # perhaps rotated: the next call reads it again
        if code in _WRONG_SERVER:
            self.close()
        if code in _DATA:
            return refused(f"the database refuses the row: error {code}")
        if isinstance(getattr(error.orig, "original_exception", None), ssl.SSLError):
            return Setup("database's certificate not trusted")
        if code in _REFUSED_CREDENTIAL:
            return CredentialRefused("database credential refused")
        if code in _SETUP:
            return Setup(_SETUP[code])
        return Transient(_PASSING.get(code, "connection lost"), may_have_arrived=sent)


def _tls(address: Address) -> ssl.SSLContext | None:
    if not address.encrypted:
        return None
    try:
        return ssl.create_default_context(cafile=address.authority or None)
    except OSError:
        raise Setup("store's ssl_ca unreadable") from None


def _note_idle(_: object, entry: ConnectionPoolEntry) -> None:
    entry.info["idle_since"] = passed()
