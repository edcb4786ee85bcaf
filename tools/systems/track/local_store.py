"""track's event store in a local run: an SQLite file that outlives it, if `EVENT_STORE` says nothing else."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tools.errors import CommandError
from tools.places import ROOT, Places
from tools.programs import environment, process

VARIABLE = "EVENT_STORE"

_SQLITE = "sqlite:///"
_MEMORY = ":memory:"


def url(given: Mapping[str, str], folder: Path) -> str:
    """The store's URL as given, a relative file taken from `folder`; `track.db` there if none is given."""
    wanted = environment.given(given, VARIABLE, f"{_SQLITE}track.db")
    path = wanted.removeprefix(_SQLITE)
    if path in (wanted, _MEMORY):
        return wanted
    # The functions run in folders of their own.
    return f"{_SQLITE}{(folder / path).resolve()}"


def make_tables(store: str, places: Places) -> None:
    """Make the tables of a file. A database has an owner, who runs `make migrate`. Raises CommandError."""
    if not store.startswith(_SQLITE):
        return
    try:
        process.run(
            [sys.executable, "-m", "tools.systems.track.migrate", "--url", store],
            log=places.logs / "migrate.log",
            environment=environment.without_aws(PYTHONPATH="functions:layers/shared"),
            directory=ROOT,
        )
    except CommandError as error:
        file = store.removeprefix(_SQLITE)
        raise CommandError(
            f"{file} cannot be used as the event store: move it away, or name another file with "
            f"`make local {VARIABLE}=sqlite:///…`\n{error}"
        ) from error


def row(url: str, event_id: str) -> Mapping[str, Any] | None:
    """The row of an event in `sqlite:///<path>`, without what is null, and its table; None if it has none.

    Raises OSError if the file cannot be read, or is locked.
    """
    path = Path(url.removeprefix(_SQLITE))
    if not path.is_file():
        return None
    try:
        return _found(path, event_id)
    except sqlite3.Error as error:
        raise OSError(f"{path}: {error}") from error


def _found(path: Path, event_id: str) -> Mapping[str, Any] | None:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        tables = [
            found["name"] for found in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for table in tables:
            columns = [found["name"] for found in database.execute(f'PRAGMA table_info("{table}")')]
            if "GatewayEventID" in columns:
                query = f'SELECT * FROM "{table}" WHERE "GatewayEventID" = ?'  # noqa: S608 - a table's own name
                for found in database.execute(query, [event_id]):
                    kept = {name: found[name] for name in columns if found[name] is not None}
                    return {"table": table, **kept}
    return None
