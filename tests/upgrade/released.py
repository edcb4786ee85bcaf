"""What each release left in a stack, as its own code wrote it: a folder per release, by `make samples`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

STAGE = "stage.toml"


@dataclass(frozen=True)
class Release:
    """One release's samples."""

    folder: Path

    def __str__(self) -> str:
        """As a test's name shows it: `0.1.0`."""
        return self.folder.name.removeprefix("made_by_").replace("_", ".")

    @cached_property
    def messages(self) -> list[str]:
        """The texts of queued messages."""
        return self._lines("queued_messages.ndjson")

    @cached_property
    def letters(self) -> list[str]:
        """The texts of messages in dead-letter queues: first one per queued message, in their order."""
        return self._lines("dead_letters.ndjson")

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """Idempotency records: `endpoint`, `item`, and the `response` that the app received, if any."""
        return [json.loads(line) for line in self._lines("records.ndjson")]

    @cached_property
    def tombstones(self) -> list[dict[str, Any]]:
        """Items by which a person is forgotten."""
        found: list[dict[str, Any]] = json.loads((self.folder / "tombstones.json").read_text())
        return found

    @cached_property
    def secret(self) -> dict[str, Any]:
        """A secret's `document`, and the whole client `keys` in it by name."""
        found: dict[str, Any] = json.loads((self.folder / "secret.json").read_text())
        return found

    @property
    def rows(self) -> str:
        """The SQL that makes the event store's tables with their rows."""
        return (self.folder / "rows.sql").read_text()

    @property
    def stage(self) -> Path:
        """A stage's file with every setting; beside the folder of the one that wrote none."""
        own = self.folder / STAGE
        return own if own.exists() else self.folder.with_suffix(".toml")

    @cached_property
    def made_at(self) -> float:
        """When it received the events, Unix seconds."""
        return float(json.loads(self.messages[0])["received_at"])

    def _lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text().splitlines()


RELEASES = [Release(folder) for folder in sorted(Path(__file__).parent.glob("made_by_*/"))]


def endpoint_of(message: str) -> str:
    """A message's endpoint with its system, as its module is named."""
    task = json.loads(message)
    return f"{task['system']}.{task['endpoint']}"
