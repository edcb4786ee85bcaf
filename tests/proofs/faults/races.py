"""Races on purpose over one new SQLite file: parallel migrations, eight writers, one of them killed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tools.places import ROOT

MIGRATIONS, WRITERS, ROWS = 4, 8, 50
_PATH = {**os.environ, "PYTHONPATH": f"{ROOT}/functions:{ROOT}/layers/shared"}

_WRITER = """
import sys
from gateway.core.task import DeliveryTask, new_event_id
from track.row import Row
from track.store import open_store

store = open_store(sys.argv[1])
for number in range(int(sys.argv[2])):
    payload = Row(table="UserEvent", values={"ProfileID": number + 1, "Region": "BR"})
    event_id = new_event_id()
    call = DeliveryTask(system="track", endpoint="user", event_id=event_id, received_at=1.5, payload=payload)
    store.send(call, seconds=30)
    store.send(call, seconds=30)  # a repeat, as a queue makes them
    print(call.event_id, flush=True)
"""


class RaceLost(AssertionError):
    """A row that was promised is not there once, or a migration failed."""


def races(folder: Path) -> Iterator[str]:
    """Run them; a line on each. Raises RaceLost."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder}/races.db"
    migrate = [sys.executable, "-m", "tools.systems.track.migrate", "--url", url]
    write = [sys.executable, "-c", _WRITER, url, str(ROWS)]
    migrations = [
        subprocess.Popen(migrate, env=_PATH, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(MIGRATIONS)
    ]
    writers = [subprocess.Popen(write, env=_PATH, stdout=subprocess.PIPE, text=True) for _ in range(WRITERS)]
    told = _told(writers[0], 10)
    writers[0].kill()
    told += [line for writer in writers for line in writer.communicate()[0].split()]
    ends = [*(one.wait() for one in migrations), *(one.wait() for one in writers[1:])]
    if any(ends):
        raise RaceLost(f"ended with {ends}")
    with closing(sqlite3.connect(folder / "races.db")) as connection:
        rows = [event_id for (event_id,) in connection.execute("SELECT GatewayEventID FROM UserEvent")]
    if set(told) - set(rows) or len(rows) != len(set(rows)):
        raise RaceLost(f"{len(set(told) - set(rows))} of {len(told)} rows lost, {len(rows)} stored")
    yield (
        f"{MIGRATIONS} migrations and {WRITERS} writers at once on one new file, one writer killed:"
        f" {len(told)} rows told of, {len(rows)} stored, each once"
    )


def _told(writer: subprocess.Popen[str], count: int) -> list[str]:
    assert writer.stdout is not None
    return [writer.stdout.readline().strip() for _ in range(count)]
