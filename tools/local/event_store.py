"""track's event store in a local run: an SQLite file that outlives it, if `EVENT_STORE` says nothing else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tools.places import ROOT, Places
from tools.programs import environment, process

_SQLITE = "sqlite:///"
_MEMORY = ":memory:"


def url(given: Mapping[str, str], folder: Path) -> str:
    """The store's URL as given, a relative file taken from `folder`; `track.db` there if none is given."""
    wanted = environment.given(given, "EVENT_STORE", f"{_SQLITE}track.db")
    path = wanted.removeprefix(_SQLITE)
    if path in (wanted, _MEMORY):
        return wanted
    # The functions run in folders of their own.
    return f"{_SQLITE}{(folder / path).resolve()}"


def make_tables(store: str, places: Places) -> None:
    """Make the tables of a file. A database has an owner, who runs `make migrate`. Raises Trouble."""
    if store.startswith(_SQLITE):
        process.run(
            [sys.executable, "-m", "tools.migrate", "--url", store],
            log=places.logs / "migrate.log",
            environment=environment.without_aws(PYTHONPATH="functions:layers/shared"),
            directory=ROOT,
        )
