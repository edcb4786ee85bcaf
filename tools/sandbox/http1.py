"""HTTP/1.1 for the sandbox: reads requests from a connection, and writes responses byte for byte as given."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from http import HTTPStatus

import h11

from tools.guard import refusal
from tools.systems.vendor import Fields

_CHUNK = 64 * 1024
_HEAD_LIMIT = 64 * 1024


@dataclass(frozen=True)
class RawRequest:
    """A request as received: `target` is the raw path and query; `keep_alive`: the client asked for it."""

    method: str
    target: str
    headers: Fields
    body: bytes
    keep_alive: bool


class BadRequest(Exception):
    """The bytes are not HTTP/1.1."""


class Forbidden(Exception):
    """The request comes from a web page, see tools/guard.py. Its body is not read."""


class Connection:
    """One client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The two halves that asyncio provides."""
        self._reader = reader
        self._writer = writer
        self._rest = b""

    async def request(self) -> RawRequest | None:
        """The next request; None when the client has gone. Raises BadRequest and Forbidden."""
        # One parser per request: h11 then does not follow the responses, which may be broken on purpose.
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_LIMIT)
        if self._rest:
            parser.receive_data(self._rest)
        head: h11.Request | None = None
        body: list[bytes] = []
        while True:
            try:
                event = parser.next_event()
            except h11.RemoteProtocolError as error:
                raise BadRequest(str(error)) from error
            if event is h11.NEED_DATA:
                if parser.they_are_waiting_for_100_continue:
                    await self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                data = await self._reader.read(_CHUNK)
                if not data:
                    # Gone, perhaps in the middle of a request, which then does not count.
                    return None
                parser.receive_data(data)
            elif isinstance(event, h11.Request):
                if reason := refusal(event.headers):
                    raise Forbidden(reason)
                head = event
            elif isinstance(event, h11.Data):
                body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                self._rest = parser.trailing_data[0]
                return _request(head, b"".join(body))
            else:
                return None

    async def write(self, data: bytes) -> None:
        """Send bytes. Raises ConnectionError when the client has gone."""
        self._writer.write(data)
        await self._writer.drain()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection in an orderly way."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return
        except asyncio.CancelledError:
            # A client that does not read the rest of its response would otherwise block the sandbox for ever.
            self._writer.transport.abort()
            raise


def head(status: int, headers: Fields, length: int | None, *, keep_alive: bool = True) -> bytes:
    """Status line and header fields; adds nothing except Content-Length (unless None) and Connection."""
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = "Unknown"
    fields = [*headers]
    if length is not None and status not in (204, 304):
        fields.append(("Content-Length", str(length)))
    if not keep_alive:
        fields.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _request(head: h11.Request, body: bytes) -> RawRequest:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()
    )
    wishes = [value.lower() for name, value in headers if name.lower() == "connection"]
    return RawRequest(
        method=head.method.decode("latin-1"),
        target=head.target.decode("latin-1"),
        headers=headers,
        body=body,
        keep_alive=head.http_version == b"1.1" and "close" not in wishes,
    )
