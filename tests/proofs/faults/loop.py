"""An event loop in a thread of its own, for what listens while a run goes on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Self

type Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """Serves connections to a port of 127.0.0.1, from `begin` to `end`.

    asyncio's own server is not made for ending in the middle of things: a connection that it has accepted
    and not yet handed over would be forgotten with it.
    """

    def __init__(self, serve: Serve, port: int) -> None:
        """Port 0 takes a free one, which `port` then is."""
        self._serve = serve
        self.port = port
        self._listening: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Listen."""
        self._listening = socket.socket()
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listening.bind(("127.0.0.1", self.port))
        self._listening.listen(1024)
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        # Not `sock_accept`: cancelled, it would forget a connection that it has accepted.
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    async def end(self) -> None:
        """Refuse connections, and break those that stand."""
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def _accept(self, listening: socket.socket) -> None:
        try:
            connected, _ = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # it has gone again
        connected.setblocking(False)
        # An event loop itself does not keep what it runs alive.
        task = asyncio.get_running_loop().create_task(self._serve_one(connected))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never comes to a `finally`.
        task.add_done_callback(lambda _: connected.close())

    async def _serve_one(self, connected: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connected)
        try:
            await self._serve(reader, writer)
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class Loop:
    """Runs coroutines from other threads, from `with` to its end."""

    def __init__(self) -> None:
        """Not running yet."""
        self._loop = asyncio.new_event_loop()
        self._listeners: list[Listener] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="faults", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still listens."""
        for listener in self._listeners:
            self.run(listener.end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def listener(self, serve: Serve, port: int = 0) -> Listener:
        """A listener that ends with this loop at the latest."""
        listener = Listener(serve, port)
        self._listeners.append(listener)
        return listener

    def run[Result](self, doing: Coroutine[Any, Any, Result]) -> Result:
        """Do it there and return what comes of it."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(30)
