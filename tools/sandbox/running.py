"""Runs the sandbox in a thread of the code that uses it, on a free port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.sandbox.client import Sandbox
from tools.sandbox.server import Server


@contextmanager
def running_sandbox(port: int = 0, ledger: Path | None = None, *, limits: bool = False) -> Iterator[Sandbox]:
    """A sandbox on 127.0.0.1 for the length of the block; port 0 means a free one, `limits`: see Server."""
    loop = asyncio.new_event_loop()
    server = Server(ledger, limits=limits)
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        listening = asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", port), loop).result(10)
        yield Sandbox(f"http://127.0.0.1:{listening}")
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
