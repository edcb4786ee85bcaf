"""Facts that others recorded from real AWS: what they saw, where they published it, and when."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"


@dataclass(frozen=True)
class Fact:
    """One observation. `source` is a URL, followed by the recording test's name where there is one; `says` is
    the fact in one sentence; further values are `fact["…"]`."""

    name: str
    says: str
    source: str
    recorded: datetime.date
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """A value. Raises KeyError."""
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A value, or the default where the fact has none."""
        return self.values.get(name, default)

    def __str__(self) -> str:
        """As a test is named by it."""
        return self.name


def facts(file: str, section: str) -> list[Fact]:
    """The facts in one section of a file: `facts("services", "errors")`."""
    return [fact for fact in read(file) if fact.name.partition(".")[0] == section]


def fact(file: str, name: str) -> Fact:
    """One fact by its name: `fact("services", "errors.no_queue")`."""
    return next(found for found in read(file) if found.name == name)


def read(file: str) -> Iterator[Fact]:
    """Every fact in `recorded/<file>.toml`."""
    content = tomllib.loads((RECORDED / f"{file}.toml").read_text())
    origins = content.pop("origins")
    for section, found in content.items():
        for name, values in found.items():
            origin, _, rest = str(values["source"]).partition(":")
            source = origins[origin] + rest if origin in origins else str(values["source"])
            kept = {key: value for key, value in values.items() if key not in ("says", "source", "recorded")}
            yield Fact(f"{section}.{name}", values["says"], source, values["recorded"], kept)
