"""The door before the upstreams: shut, a connection to them is refused, as when a vendor is gone."""

from __future__ import annotations

import asyncio
import contextlib
import time

from tests.proofs.faults.loop import Loop


class Door:
    """Relays TCP from a port of its own to another one while it is open."""

    def __init__(self, loop: Loop, port: int, behind: int) -> None:
        """Both ports are on 127.0.0.1."""
        self._loop = loop
        self._listener = loop.listener(self._relay, port)
        self._behind = behind
        self._is_open = False
        self.shutting: list[tuple[float, float]] = []
        """From when until when it was being shut, in Unix seconds."""

    def open(self) -> None:
        """Let connections in."""
        if not self._is_open:
            self._loop.run(self._listener.begin())
        self._is_open = True

    def shut(self) -> None:
        """Refuse connections, and break those that stand."""
        if self._is_open:
            begun = time.time()
            self._loop.run(self._listener.end())
            self.shutting.append((begun, time.time()))
        self._is_open = False

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            further, behind = await asyncio.open_connection("127.0.0.1", self._behind)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pump(reader, behind))
                    both.create_task(_pump(further, writer))
            except* OSError:
                pass
            finally:
                behind.transport.abort()


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
