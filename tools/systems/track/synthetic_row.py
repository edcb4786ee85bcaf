"""Where the synthetic event must arrive: it is looked for in track's event store, and removed there."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import delete, func, select

from tools.errors import CommandError
from tools.operator.doctor.deep.polling import Polling
from tools.operator.doctor.deployment import Deployment
from tools.operator.stack import Stack
from tools.systems.track.erased_objects import remove_lines
from tools.systems.track.sql_store import sql_store
from track.stores.tables import SQL_TABLES

TABLE = "SessionEvent"


class Stored(Protocol):
    """An event store, as it is asked about the rows of one session."""

    where: str
    """For the operator."""

    seconds: float
    """How long a row may take to be seen."""

    may_arrive: bool
    """Whether the event may be there, or still arrive: it was sent, and not refused."""

    def prepare(self) -> None:
        """See that it can be asked. Raises UpstreamError, botocore's errors."""

    def count(self) -> int:
        """How often the event is there, as its readers see it."""

    def remove(self) -> str:
        """See Cleanup."""


def stored(deployment: Deployment, session: str, polling: Polling) -> Stored:
    """The store of the stack's `EventStore`."""
    bucket = deployment.stack.outputs.get("TrackBucketName")
    if bucket:
        return Objects(deployment, bucket, session, polling)
    return Rows(deployment.stack, session)


class Rows:
    """A SQL database."""

    seconds = 60.0
    may_arrive = False

    def __init__(self, stack: Stack, session: str) -> None:
        """Nothing is connected yet."""
        self._session = session
        self._seen = False
        self.where = f"{stack.parameters['EventStore'].partition(':')[0]}, table {TABLE}"
        self._stack = stack
        self._ours = SQL_TABLES[TABLE].c.SessionID == session

    def prepare(self) -> None:
        """A connection and a query."""
        self.count()

    def count(self) -> int:
        """Rows."""
        with sql_store(self._stack) as store, store.engine.begin() as connection:
            counted = select(func.count()).select_from(SQL_TABLES[TABLE]).where(self._ours)
            number = int(connection.execute(counted).scalar_one())
        self._seen = self._seen or number > 0
        return number

    def remove(self) -> str:
        """Delete its row."""
        with sql_store(self._stack) as store, store.engine.begin() as connection:
            number = connection.execute(delete(SQL_TABLES[TABLE]).where(self._ours)).rowcount
        if number or self._seen or not self.may_arrive:
            return ""
        return f"it has not arrived yet: {_forget(self._stack, self._session)}"


class Objects:
    """What Data Firehose writes to S3, asked through Athena."""

    seconds = 660.0
    """Firehose holds events for five minutes, at times seven and a half."""

    may_arrive = False

    def __init__(self, deployment: Deployment, bucket: str, session: str, polling: Polling) -> None:
        """Nothing is asked yet."""
        self.where = f"Athena, view {TABLE.lower()}_once"
        self._deployment = deployment
        self._bucket = bucket
        self._session = session
        self._polling = polling
        self._since = datetime.now(UTC).replace(microsecond=0)
        self._seen = False

    def prepare(self) -> None:
        """A query that finds nothing yet."""
        self.count()

    def count(self) -> int:
        """Lines that the view shows."""
        days = ", ".join(f"'{day}'" for day in self._days())
        condition = f"dt IN ({days}) AND sessionid = '{self._session}'"
        # The local AWS does not unfold views.
        local = self._deployment.stack.local
        what, name = ("count(DISTINCT gatewayeventid)", "") if local else ("count(*)", "_once")
        sql = f"SELECT {what} FROM {TABLE.lower()}{name} WHERE {condition}"  # noqa: S608 - our own words
        found = int(self._asked(sql))
        self._seen = self._seen or found > 0
        return found

    def remove(self) -> str:
        """Take its line out of each object that was written since."""
        s3 = self._deployment.client("s3")
        number = sum(
            remove_lines(s3, self._bucket, found["Key"], self._is_ours)
            for day in self._days()
            for page in s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"events/{TABLE}/dt={day}/"
            )
            for found in page.get("Contents", [])
            if found["LastModified"] >= self._since
        )
        if number or self._seen or not self.may_arrive:
            return ""
        later = _forget(self._deployment.stack, self._session)
        return f"Firehose has not written it yet: in ten minutes, {later}"

    def _is_ours(self, line: bytes) -> bool:
        try:
            event = json.loads(line)
        except ValueError:
            return False
        return isinstance(event, dict) and event.get("SessionID") == self._session

    def _days(self) -> list[str]:
        return sorted({self._since.date().isoformat(), datetime.now(UTC).date().isoformat()})

    def _asked(self, sql: str) -> str:
        """The one value of a query. Raises CommandError."""
        athena = self._deployment.client("athena")
        query = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self._deployment.stack.resources["TrackDatabase"][1]},
            WorkGroup=self._deployment.stack.outputs["TrackWorkGroupName"],
        )["QueryExecutionId"]

        def state() -> dict[str, Any] | None:
            found = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            return None if found["State"] in ("QUEUED", "RUNNING") else found

        ended = Polling(time.monotonic() + 60, every=0.5).wait(state, seconds=60)
        if ended is None or ended["State"] != "SUCCEEDED":
            reason = (ended or {}).get("StateChangeReason", "no answer in 60 s")
            raise CommandError(f"Athena does not answer: {reason}")
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return str(rows[1]["Data"][0]["VarCharValue"])


def _forget(stack: Stack, session: str) -> str:
    """The command that removes what arrives later."""
    option = "--local" if stack.local else f"--stack {stack.name}"
    return f"bin/trackgate forget --system track --user {session} {option}"
