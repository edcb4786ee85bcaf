"""How many rows *track* makes durable in MariaDB per second: by its store alone, and by its worker.

MariaDB runs on the same machine and flushes its log at each commit. The store is called in this process, by
one connection, with 500 tasks at a time, 10,000 in all. The built worker in the emulator gets batches
of 500 messages, as *track*'s own endpoint queues them: a round starts it, gives it one batch to warm up, and
measures four. Each round begins with empty tables, and counts the rows at its end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import batched
from pathlib import Path

from benchmarks.frame.bench import Bench
from benchmarks.frame.figure import Figure
from benchmarks.frame.session import Caller
from benchmarks.frame.upstreams import running_upstreams
from benchmarks.frame.waiting import batches, queued, worked_off
from gateway.core.task import DeliveryTask, new_event_id
from tests.track.conftest import Database, MariaDb
from tools.errors import CommandError
from tools.places import EVENTS
from tools.systems.track.migrate import migrate
from track.row import Row
from track.store import open_store

ROWS = 10_000
BATCH = 500
BATCHES = 4

LEAST_BY_STORE = 40_000
LEAST_BY_WORKER = 10_000
"""Rows per second."""

VALUES = {"Region": "BR", "SessionID": "7f3c9a", "RemoteIP": "192.0.2.7", "SessionType": "start"}


def figures(bench: Bench) -> Iterator[Figure]:
    """See the module."""
    event = json.loads((EVENTS / "track" / "session.json").read_text())
    by_store, by_worker = [], []
    with bench.progress.step("store rows in MariaDB") as detail, _mariadb(bench.folder / "mariadb") as server:
        events = (event for _ in range(BATCH * (BATCHES + 1)))
        messages = queued(bench, "TrackSession", events)
        for number in range(bench.rounds):
            detail(f"round {number + 1} of {bench.rounds}")
            by_store.append(_by_store(Database(server)))
            by_worker.append(_by_worker(bench, Database(server), messages))
    yield Figure(
        name="track: rows per second, the store alone", values=tuple(by_store), at_least=LEAST_BY_STORE
    )
    yield Figure(name="track: rows per second, the worker", values=tuple(by_worker), at_least=LEAST_BY_WORKER)


@contextmanager
def _mariadb(folder: Path) -> Iterator[MariaDb]:
    folder.mkdir()
    server = MariaDb(folder, "--innodb-flush-log-at-trx-commit=1")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _by_store(database: Database) -> float:
    migrate(database.url())
    values: Mapping[str, str | int] = {**VALUES, "Message": "hello", "Language": "pt", "ProfileID": 7}
    tasks = [
        DeliveryTask(
            system="track",
            endpoint="session",
            event_id=new_event_id(),
            received_at=time.time(),
            payload=Row(table="SessionEvent", values=values),
        )
        for _ in range(ROWS)
    ]
    with closing(open_store(database.url())) as store:
        store.send(tasks[0])  # connects
        started = time.perf_counter()
        for several in batched(tasks[1:], BATCH, strict=False):
            if any(store.send_many(several, seconds=10)):
                raise CommandError("a row was not stored")
        seconds = time.perf_counter() - started
    _check(database, ROWS)
    return (ROWS - 1) / seconds


def _by_worker(bench: Bench, database: Database, messages: list[str]) -> float:
    migrate(database.url())
    with (
        running_upstreams(bench.folder / "track.log") as upstreams,
        bench.start("TrackRedeliver", upstreams.url, EVENT_STORE=database.url()) as emulator,
        Caller(emulator) as caller,
    ):
        first, *others = batches(messages, BATCH)
        worked_off(caller, first)
        seconds = sum(worked_off(caller, batch) for batch in others)
    _check(database, len(messages))
    return BATCH * len(others) / seconds


def _check(database: Database, rows: int) -> None:
    if (found := database.count("SessionEvent")) != rows:
        raise CommandError(f"{rows} tasks made {found} rows")
