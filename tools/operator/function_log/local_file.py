"""The log of a local run: `logs/functions.log` in its state folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.errors import CommandError

PAUSE_SECONDS = 0.3


class LocalFile:
    """The file, which each start of a local run empties."""

    def __init__(self, file: Path) -> None:
        """Raises CommandError if there is none."""
        if not file.is_file():
            raise CommandError(f"There is no {file}: run `make local`, or set its STATE here as well")
        self._file = file

    def matching(self, text: str, since: float, until: float | None = None) -> Iterator[dict[str, Any]]:
        """See FunctionLog. The file holds one run: its times do not matter."""
        del since, until
        with self._file.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if text in line:
                    yield from _fields(line)

    def written(self, since: float) -> Iterator[dict[str, Any]]:
        """See FunctionLog."""
        with self._file.open(encoding="utf-8", errors="replace") as file:
            yield from self._later(file, since)

    def measured(self, since: float) -> Iterator[dict[str, Any]]:
        """The lines with metrics in them: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
        for fields in self.matching('"_aws"', since):
            about = fields.get("_aws")
            if isinstance(about, dict) and float(about.get("Timestamp") or 0) >= since * 1000:
                yield fields

    def followed(self, since: float, wait: Callable[[float], None]) -> Iterator[dict[str, Any]]:
        """See FunctionLog. Goes on with the run that empties the file."""
        at, rest = 0, b""
        while True:
            if self._file.stat().st_size < at:
                at, rest = 0, b""
            with self._file.open("rb") as file:
                file.seek(at)
                found = rest + file.read()
                at = file.tell()
            whole, line_end, rest = found.rpartition(b"\n")
            yield from self._later((whole + line_end).decode(errors="replace").split("\n"), since)
            wait(PAUSE_SECONDS)

    def _later(self, lines: Iterable[str], since: float) -> Iterator[dict[str, Any]]:
        for line in lines:
            for fields in _fields(line):
                with suppress(ValueError):
                    if datetime.fromisoformat(str(fields.get("timestamp"))).timestamp() >= since:
                        yield fields


def _fields(line: str) -> Iterator[dict[str, Any]]:
    """Its JSON object; nothing for a line of another kind."""
    with suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict):
            yield found
