"""An event loop in a thread of its own, for what listens while a run goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

type Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Loop:
    """Runs coroutines from other threads, from `with` to its end."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._tasks: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="faults", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still runs."""
        self.run(_end_all(self._servers))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def listen(self, serve: Serve, port: int = 0) -> asyncio.Server:
        """Serve connections on 127.0.0.1 until the end at the latest; port 0 takes a free one."""

        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # An event loop itself does not keep what it runs alive.
            task = asyncio.current_task()
            self._tasks[task] = writer
            try:
                await serve(reader, writer)
            finally:
                del self._tasks[task]

        server = self.run(asyncio.start_server(served, "127.0.0.1", port, backlog=1024))
        self._servers.append(server)
        return server

    def run[Result](self, doing: Coroutine[Any, Any, Result]) -> Result:
        """Do it there and return what comes of it."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(30)


async def _end_all(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
