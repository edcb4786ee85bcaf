"""Starts the stand-in for vendors and AWS in a process of its own, and asks what it received."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.local.ports import free_port
from tools.places import ROOT
from tools.programs import environment
from tools.programs.process import DIRECT, Service


@dataclass(frozen=True)
class Upstreams:
    """Where they answer: `url` is every vendor's base URL, and AWS_ENDPOINT_URL."""

    url: str

    def count(self, kind: str) -> int:
        """How many requests of a kind came: `vendor`, or an action of AWS (`SendMessage`)."""
        return int(self._asked()["counts"].get(kind, 0))

    def last(self, kind: str) -> dict[str, Any]:
        """The last request of a kind: `path`, `headers` in lower case, `body` as text."""
        return dict(self._asked()["last"][kind])

    def queued(self) -> list[str]:
        """The messages that were sent to queues one by one since this was called last."""
        return list(self._get("/_stand_in/queued"))

    def _asked(self) -> dict[str, Any]:
        return dict(self._get("/_stand_in"))

    def _get(self, path: str) -> Any:
        with DIRECT.open(f"{self.url}{path}", timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running_upstreams(
    log: Path, *, vendor_seconds: float = 0.0, record_seconds: float = 0.0
) -> Iterator[Upstreams]:
    """They run for the length of the block; a vendor and DynamoDB take as long as is said."""
    port = free_port()
    service = Service(
        "stand-in",
        [
            *("benchmarks.frame.stand_in", "--port", str(port)),
            *("--vendor-seconds", str(vendor_seconds), "--record-seconds", str(record_seconds)),
        ],
        log=log,
        environment=environment.bare() | {"PYTHONPATH": f"{ROOT}:{ROOT}/functions:{ROOT}/layers/shared"},
        directory=ROOT,
    )
    with service:
        url = f"http://127.0.0.1:{port}"
        service.wait_for(f"{url}/_stand_in")
        yield Upstreams(url)
