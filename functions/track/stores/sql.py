"""What the SQL stores share: one statement per table, a deadline, a second try on a dead connection."""

import time
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import ClassVar

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

from gateway.core.errors import TimedOut, UpstreamError
from track.stores.base import Store
from track.stores.bisect import put_bisected
from track.stores.record import Record
from track.stores.tables import SQL_TABLES, parameters


class SqlStore(Store):
    """A store on an SQLAlchemy engine; the rows of one table are one transaction."""

    places: ClassVar[str]
    """See parameters."""

    def __init__(self, engine: Engine) -> None:
        """Nothing is connected yet."""
        self.engine = engine
        # Compiled once: SQLAlchemy would take every row apart again, which costs as much as storing it.
        self._statements = {name: self._compiled(table) for name, table in SQL_TABLES.items()}
        self.budget = 0.0
        """The seconds of this `send`, within which a subclass's timeouts must stay."""

    @abstractmethod
    def _insert(self, table: Table) -> Insert:
        """The INSERT that keeps an existing row with the same event id."""

    def _compiled(self, table: Table) -> str:
        """The INSERT in the driver's SQL, with a place for each of `parameters`."""
        columns = [column.name for column in table.columns if not column.primary_key]
        return str(self._insert(table).compile(self.engine, column_keys=columns))

    def _transaction(self, connection: Connection) -> AbstractContextManager[object]:
        return connection.begin()

    @abstractmethod
    def meaning(self, error: DBAPIError, *, sent: bool) -> UpstreamError:
        """What the driver's error means; `sent`: a statement may have reached the database."""

    def _put(self, records: Sequence[Record], deadline: float) -> list[UpstreamError | None]:
        self.budget = max(0.0, deadline - time.monotonic())
        outcomes: list[UpstreamError | None] = [None] * len(records)
        for name, statement in self._statements.items():
            indexes = [index for index, record in enumerate(records) if record.table == name]

            def put(part: Sequence[Record], statement: str = statement) -> None:
                self._execute(statement, part, deadline)

            found = put_bisected([records[index] for index in indexes], put) if indexes else []
            for index, outcome in zip(indexes, found, strict=True):
                outcomes[index] = outcome
        return outcomes

    def _execute(self, statement: str, records: Sequence[Record], deadline: float) -> None:
        sent = False
        rows = [parameters(record, places=self.places) for record in records]
        while True:
            if time.monotonic() >= deadline:
                raise TimedOut(may_have_arrived=sent)
            reused = False
            try:
                with self.engine.connect() as connection:
                    if time.monotonic() >= deadline:
                        raise TimedOut(may_have_arrived=sent)
                    reused = "used" in connection.info
                    connection.info["used"] = True
                    with self._transaction(connection):
                        connection.exec_driver_sql(statement, rows)
                return
            except DBAPIError as error:
                sent = sent or (error.connection_invalidated and error.statement is not None)
                # The database closed an idle connection. Sending again is harmless even if the first try was
                # stored, since the event ids are the same.
                if not (error.connection_invalidated and reused):
                    raise self.meaning(error, sent=sent) from error

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()
