"""The gateway's side of the exchange: what the sandbox received from it."""

from __future__ import annotations

import json
import time

from tools.programs.process import DIRECT
from tools.sandbox.client import Entry, Sandbox

LEDGER_SECONDS = 0.5
"""How long after the app's response the gateway may still call an upstream."""

_BEYOND = 2**53


class Ledger:
    """A sandbox's ledger from now on."""

    def __init__(self, url: str) -> None:
        """Raises OSError if no sandbox answers there."""
        self._sandbox = Sandbox(url)
        with DIRECT.open(f"{url}/_sandbox/ledger?since={_BEYOND}&limit=1", timeout=5) as response:
            self._before = int(json.load(response)["last"])

    def received(self, system: str) -> list[Entry]:
        """What a system's vendor has received meanwhile."""
        deadline = time.monotonic() + LEDGER_SECONDS
        while not (found := self._sandbox.ledger(system, self._before)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found
