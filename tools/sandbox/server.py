"""The sandbox itself: listens, hands each request to its vendor or its fault, and writes the ledger."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tools.sandbox import admin, misbehave
from tools.sandbox.counts import Counts
from tools.sandbox.exchange import Heard, Said, Vendor
from tools.sandbox.faults import Fault, Faults
from tools.sandbox.http1 import BadRequest, Connection, Forbidden, Request, head
from tools.sandbox.ledger import Ledger
from tools.systems.registry import vendors

NOWHERE = "unknown"
"""The system's name in the ledger for a request that reached no vendor's base path."""


class Server:
    """The vendors, their ledger and their faults behind one socket."""

    def __init__(self, ledger: Path | None = None) -> None:
        """`ledger`: see Ledger."""
        self.vendors: dict[str, Vendor] = vendors()
        self.ledger = Ledger(ledger)
        self.counts = Counts()
        self.faults = Faults(self.vendors)
        self._listening: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; port 0 takes a free one. Returns the port."""
        self._listening = await asyncio.start_server(self._accept, host, port, backlog=1024)
        listening: int = self._listening.sockets[0].getsockname()[1]
        return listening

    async def stop(self) -> None:
        """Listen no more, end what is open, close the ledger."""
        if self._listening is not None:
            self._listening.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self.ledger.close()

    def reset(self) -> None:
        """As if just started, but for the numbers of the ledger, which go on."""
        for vendor in self.vendors.values():
            vendor.reset()
        self.faults.clear()
        self.clear()

    @property
    def systems(self) -> list[str]:
        """Whom an entry of the ledger may be for."""
        return [*self.vendors, NOWHERE]

    def clear(self) -> None:
        """Empty ledger and counts."""
        self.ledger.clear()
        self.counts.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        connection = Connection(reader, writer)
        try:
            while await self._exchange(connection):
                pass
        except ConnectionError:
            return
        except asyncio.CancelledError:
            connection.reset()
        finally:
            await connection.close()

    async def _exchange(self, connection: Connection) -> bool:
        """One request and its answer; True if another may follow."""
        try:
            request = await connection.request()
        except BadRequest as error:
            self._record(NOWHERE, Request("", "", (), b"", False), 400, "malformed", None)
            reason = str(error).encode()
            await connection.write(head(400, (), len(reason), keep_alive=False) + reason)
            return False
        except Forbidden as error:
            reason = str(error).encode()
            await connection.write(head(403, (), len(reason), keep_alive=False) + reason)
            return False
        if request is None:
            return False
        if admin.is_for_it(request):
            return await _write(connection, request, admin.answer(self, request))
        return await self._hear(connection, request)

    async def _hear(self, connection: Connection, request: Request) -> bool:
        name, heard = _addressed(request)
        vendor = self.vendors.get(name)
        if vendor is None:
            self._record(NOWHERE, request, 404, "malformed", None)
            return await _write(connection, request, Said(status=404, verdict="malformed"))
        fault = self.faults.for_request(name, heard.path)
        if fault is None:
            own = vendor.answer(heard)
            self._record(name, request, own.status, own.verdict, None, own)
            return await _write(connection, request, own)
        heeded = vendor.answer(heard) if fault.takes_effect else None
        planned = misbehave.planned(fault, vendor, heeded)
        status = planned.status if planned else None
        self._record(name, request, status, heeded.verdict if heeded else None, fault, heeded)
        return await misbehave.carry_out(fault, planned, connection) and request.keep_alive

    def _record(
        self,
        system: str,
        request: Request,
        status: int | None,
        verdict: str | None,
        fault: Fault | None,
        answer: Said | None = None,
    ) -> None:
        kind = fault.fault if fault else None
        self.ledger.add(
            at=time.time(),
            system=system,
            method=request.method,
            target=request.target,
            headers=request.headers,
            body=request.body,
            status=status,
            verdict=verdict,
            fault=kind,
        )
        self.counts.add(system, status, verdict, kind, answer.effects if answer else ())


def _addressed(request: Request) -> tuple[str, Heard]:
    path, _, query = request.target.partition("?")
    name, slash, rest = path.removeprefix("/").partition("/")
    return name, Heard(
        method=request.method, path=slash + rest, query=query, headers=request.headers, body=request.body
    )


async def _write(connection: Connection, request: Request, answer: Said) -> bool:
    start = head(answer.status, answer.headers, len(answer.body), keep_alive=request.keep_alive)
    await connection.write(start if request.method == "HEAD" else start + answer.body)
    return request.keep_alive
