"""The sandbox server: passes each request to its vendor or its scripted fault, and writes the ledger."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tools.sandbox import admin, misbehave
from tools.sandbox.counts import Counts
from tools.sandbox.faults import Fault, Faults
from tools.sandbox.http1 import BadRequest, Connection, Forbidden, RawRequest, head
from tools.sandbox.ledger import Ledger
from tools.systems.registry import vendors
from tools.systems.vendor import Request, Response, Vendor

NOWHERE = "unknown"
"""The system in the ledger for a request outside every vendor's base path."""


class Server:
    """The vendors, their ledger and their faults behind one socket."""

    def __init__(self, ledger: Path | None = None, *, limits: bool = False) -> None:
        """`ledger`: see Ledger. `limits`: whether the vendors start with their rate limits."""
        self.vendors: dict[str, Vendor] = vendors()
        self._limits = limits
        self.ledger = Ledger(ledger)
        self.counts = Counts()
        self.faults = Faults(self.vendors)
        self._listening: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.reset()

    async def start(self, host: str, port: int) -> int:
        """Listen, on a free port if it is 0; returns the port."""
        self._listening = await asyncio.start_server(self._accept, host, port, backlog=1024)
        listening: int = self._listening.sockets[0].getsockname()[1]
        return listening

    async def stop(self) -> None:
        """Stop listening, close open connections, close the ledger."""
        if self._listening is not None:
            self._listening.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self.ledger.close()

    def reset(self) -> None:
        """Return to the initial state, except that the ledger's numbers go on."""
        for vendor in self.vendors.values():
            vendor.reset()
            if self._limits:
                vendor.limit()
        self.faults.clear()
        self.clear()

    @property
    def systems(self) -> list[str]:
        """The systems that a ledger entry may name."""
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
        """One request and its response; True if another may follow."""
        try:
            request = await connection.request()
        except BadRequest as error:
            self._record(NOWHERE, "", RawRequest("", "", (), b"", False), 400, "malformed", None)
            reason = str(error).encode()
            await connection.write(head(400, (), len(reason), keep_alive=False) + reason)
            return False
        except Forbidden as error:
            reason = str(error).encode()
            await connection.write(head(403, (), len(reason), keep_alive=False) + reason)
            return False
        if request is None:
            return False
        if admin.is_admin_request(request):
            return await _write(connection, request, admin.answer(self, request))
        return await self._serve(connection, request)

    async def _serve(self, connection: Connection, received: RawRequest) -> bool:
        name, request = _for_vendor(received)
        vendor = self.vendors.get(name)
        if vendor is None:
            self._record(NOWHERE, "", received, 404, "malformed", None)
            return await _write(connection, received, Response(status=404, verdict="malformed"))
        account = vendor.account(request)
        fault = self.faults.for_request(name, request.path)
        if fault is None:
            own = vendor.answer(request)
            self._record(name, account, received, own.status, own.verdict, None, own, own)
            return await _write(connection, received, own)
        own_if_asked = vendor.answer(request) if fault.takes_effect else None
        planned = misbehave.planned(fault, name, vendor, own_if_asked)
        status = planned.status if planned else None
        verdict = own_if_asked.verdict if own_if_asked else None
        self._record(name, account, received, status, verdict, fault, own_if_asked, planned)
        return await misbehave.carry_out(fault, planned, connection) and received.keep_alive

    def _record(
        self,
        system: str,
        account: str,
        request: RawRequest,
        status: int | None,
        verdict: str | None,
        fault: Fault | None,
        response: Response | None = None,
        answer: Response | None = None,
    ) -> None:
        kind = fault.fault if fault else None
        self.ledger.add(
            at=time.time(),
            system=system,
            account=account,
            method=request.method,
            target=request.target,
            headers=request.headers,
            body=request.body,
            status=status,
            verdict=verdict,
            fault=kind,
            answer=answer,
            answer_size=misbehave.body_size(fault, answer) if fault and answer else None,
        )
        self.counts.add(system, status, verdict, kind, response.effects if response else ())


def _for_vendor(request: RawRequest) -> tuple[str, Request]:
    """The vendor's name and the request without its base path."""
    path, _, query = request.target.partition("?")
    name, slash, rest = path.removeprefix("/").partition("/")
    return name, Request(
        method=request.method, path=slash + rest, query=query, headers=request.headers, body=request.body
    )


async def _write(connection: Connection, request: RawRequest, response: Response) -> bool:
    start = head(response.status, response.headers, len(response.body), keep_alive=request.keep_alive)
    await connection.write(start if request.method == "HEAD" else start + response.body)
    return request.keep_alive
