"""HTTP/1.1 messages of the front, by h11: read, written, checked against API Gateway's limits."""

from __future__ import annotations

import asyncio
import contextlib

import h11

MAX_BODY = 10 * 1024 * 1024
"""API Gateway's own limit, in bytes."""

MAX_HEAD = 10_240
"""API Gateway's limit for the request line plus the values of all headers, in bytes."""

READ_AHEAD = 64 * 1024

type Headers = list[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade expect".split()
)


class Rejected(Exception):
    """The front rejects the request itself; the text is a reason phrase."""

    def __init__(self, status: int, text: str) -> None:
        """`status`: of the response."""
        super().__init__(text)
        self.status = status


async def next_event(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Event | None:
    """The next event from the other side; None when it has gone."""
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(65536))
    if isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
        return None
    assert not isinstance(event, type)  # noqa: S101 - both sentinels are handled above
    return event


async def read_body(
    client: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bytes:
    """The request's body. Raises Rejected if it is too large, ConnectionResetError if the client has gone."""
    if client.they_are_waiting_for_100_continue:
        going_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
        writer.write(client.send(going_on) or b"")
    body = bytearray()
    while not isinstance(event := await next_event(client, reader), h11.EndOfMessage):
        if not isinstance(event, h11.Data):
            raise ConnectionResetError
        body += event.data
        if len(body) > MAX_BODY:
            raise Rejected(413, "Request Too Long")
    return bytes(body)


async def discard_rest(reader: asyncio.StreamReader) -> None:
    """Read what is still coming: closing the connection on unread data could discard the response."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2):
            while await reader.read(65536):
                pass


async def send(
    client: h11.Connection, writer: asyncio.StreamWriter, response: h11.Response, content: bytes
) -> None:
    """Send a response and its body."""
    writer.write(client.send(response) or b"")
    if content:
        writer.write(client.send(h11.Data(data=content)) or b"")
    writer.write(client.send(h11.EndOfMessage()) or b"")
    await writer.drain()


def check_size(request: h11.Request) -> None:
    """Raises Rejected for a request line and headers over API Gateway's limit."""
    line = len(request.method) + len(request.target) + len(b"  HTTP/1.1")
    if line + sum(len(value) for _, value in request.headers) > MAX_HEAD:
        raise Rejected(431, "Request Header Fields Too Large")


def origin_form(target: bytes) -> bytes:
    """Path and query of a request target, which may be absolute. Raises Rejected."""
    if target.startswith(b"/"):
        return target
    scheme, found, rest = target.partition(b"://")
    if not found or scheme.lower() not in (b"http", b"https"):
        raise Rejected(400, "Bad Request")
    _, slash, path = rest.partition(b"/")
    return slash + path or b"/"


def end_to_end(headers: Headers, further: set[bytes]) -> Headers:
    """The headers without hop-by-hop ones and without those named in `further`."""
    named = {
        name.strip().lower()
        for header, value in headers
        if header.lower() == b"connection"
        for name in value.split(b",")
    }
    dropped = _HOP_BY_HOP | named | further
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def own_response(status: int, text: str) -> tuple[h11.Response, bytes]:
    """A response of the front's own, like API Gateway's: see `GatewayResponses` in the template."""
    body = f'{{"message":"{text}","error":"{text}","description":"{text}"}}'.encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Access-Control-Allow-Origin", "*"),
        ("Content-Length", str(len(body))),
    ]
    return h11.Response(status_code=status, headers=headers, reason=text.encode()), body
