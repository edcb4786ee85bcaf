"""The door before the upstreams: shut, a connection to them is refused, as when a vendor is gone."""

from __future__ import annotations

import asyncio
import contextlib

from tests.faults.loop import Loop


class Door:
    """Relays TCP from a port of its own to another one while it is open."""

    def __init__(self, loop: Loop, port: int, behind: int) -> None:
        """Both ports are on 127.0.0.1."""
        self._loop = loop
        self._port = port
        self._behind = behind
        self._listening: asyncio.Server | None = None
        self._relays: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Let connections in."""
        if self._listening is None:
            self._listening = self._loop.listen(self._relay, self._port)

    def shut(self) -> None:
        """Refuse connections, and break those that stand."""
        if self._listening is not None:
            self._loop.run(self._shut())

    async def _shut(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for task in self._relays:
            task.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        try:
            further, behind = await asyncio.open_connection("127.0.0.1", self._behind)
            try:
                await asyncio.gather(_pump(reader, behind), _pump(further, writer))
            finally:
                behind.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._relays.discard(task)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
    except ConnectionError:
        # The other end must hear of it as it happened: a reset stays a reset.
        writer.transport.abort()
        raise
