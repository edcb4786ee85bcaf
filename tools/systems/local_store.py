"""The event stores of a local run: those of systems that keep their events themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from tools.places import Places
from tools.systems.registry import parts


class LocalStore(Protocol):
    """A system's module `local_store`. `VARIABLE` sets the store's URL in a local run: `EVENT_STORE`."""

    VARIABLE: str

    def url(self, given: Mapping[str, str], folder: Path) -> str:
        """The URL as given, or that of a file in `folder`."""

    def make_tables(self, store: str, places: Places) -> None:
        """Make the tables that the store lacks. Raises CommandError."""

    def row(self, url: str, event_id: str) -> Mapping[str, Any] | None:
        """What was stored of an event; None if nothing is there. Raises OSError."""


def local_stores() -> dict[str, LocalStore]:
    """By the system's name."""
    return parts("local_store")
