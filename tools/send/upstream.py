"""The other wire: what the sandbox was told since a moment, and the row that track's store has."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tools.programs.process import DIRECT
from tools.sandbox.client import Entry, Sandbox

LEDGER_SECONDS = 0.5
"""For how long an upstream may be told after the app has its answer."""

_BEYOND = 2**53


class Ledger:
    """A sandbox's ledger from now on."""

    def __init__(self, url: str) -> None:
        """Raises OSError if no sandbox answers there."""
        self._sandbox = Sandbox(url)
        with DIRECT.open(f"{url}/_sandbox/ledger?since={_BEYOND}&limit=1", timeout=5) as answer:
            self._before = int(json.load(answer)["last"])

    def told(self, system: str) -> list[Entry]:
        """What a system's vendor was told meanwhile."""
        deadline = time.monotonic() + LEDGER_SECONDS
        while not (found := self._sandbox.ledger(system, self._before)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found


def stored(store: str, event_id: str) -> Mapping[str, Any] | None:
    """The row of an event in `sqlite:///<path>`, without what is null, and its table; None if it has none."""
    path = Path(store.removeprefix("sqlite:///"))
    if not path.is_file():
        return None
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        tables = [
            row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for table in tables:
            columns = [row["name"] for row in database.execute(f'PRAGMA table_info("{table}")')]
            if "GatewayEventID" in columns:
                query = f'SELECT * FROM "{table}" WHERE "GatewayEventID" = ?'  # noqa: S608 - a table's own name
                for row in database.execute(query, [event_id]):
                    kept = {name: row[name] for name in columns if row[name] is not None}
                    return {"table": table, **kept}
    return None
