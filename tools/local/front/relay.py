"""Passes a call on to the deployed API: path, query and body byte for byte, headers as API Gateway does."""

from __future__ import annotations

import asyncio

import h11

from tools.guard import FRONT
from tools.local.front.messages import READ_AHEAD, end_to_end, next_event

_NOT_THE_API = frozenset([b"content-length", b"server", b"date"])


class Relay:
    """The deployed API behind the local AWS."""

    def __init__(self, target: str, key: str) -> None:
        """See Front."""
        self._authority, _, path = target.removeprefix("http://").partition("/")
        self._prefix = f"/{path}".encode()
        self._key = key.encode()

    async def send(
        self, request: h11.Request, target: bytes, body: bytes, client_address: str
    ) -> tuple[h11.Response, bytes]:
        """The API's response and its body. Raises OSError, h11.RemoteProtocolError.

        Each call has a connection of its own: a reused one can break during a call that must not be repeated.
        """
        ours = {b"host", b"content-length", b"x-forwarded-for", FRONT}
        headers = end_to_end(request.headers.raw_items(), ours)
        headers = [
            (b"Host", self._authority.encode()),
            *headers,
            (b"X-Forwarded-For", client_address.encode()),
        ]
        if self._key:
            headers.append((FRONT, self._key))
        if body:
            headers.append((b"Content-Length", str(len(body)).encode()))
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=READ_AHEAD)
        host, _, port = self._authority.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            sent = h11.Request(method=request.method, target=self._prefix + target, headers=headers)
            parts = [connection.send(sent), connection.send(h11.Data(data=body)) if body else b""]
            parts.append(connection.send(h11.EndOfMessage()))
            writer.write(b"".join(part for part in parts if part))
            await writer.drain()
            answer: h11.Response | None = None
            content = bytearray()
            while not isinstance(event := await next_event(connection, reader), h11.EndOfMessage):
                if isinstance(event, h11.Response):
                    answer = event
                elif isinstance(event, h11.Data):
                    content += event.data
                elif event is None:
                    break
        finally:
            writer.close()
        if answer is None:
            raise ConnectionResetError
        return _relayed(answer, bytes(content), request.method), bytes(content)


def _relayed(response: h11.Response, content: bytes, method: bytes) -> h11.Response:
    """The response as API Gateway would pass it on."""
    headers = [
        (name, value)
        for name, value in end_to_end(response.headers.raw_items(), set(_NOT_THE_API))
        # MiniStack's text for a content type of null, by which a function asks for none.
        if (name.lower(), value) != (b"content-type", b"None")
    ]
    if method == b"HEAD":
        # The length of the body that a GET would return, which only the other side knows.
        raw = response.headers.raw_items()
        headers += [(name, value) for name, value in raw if name.lower() == b"content-length"]
    elif response.status_code not in (204, 304):
        headers.append((b"Content-Length", str(len(content)).encode()))
    return h11.Response(status_code=response.status_code, headers=headers, reason=bytes(response.reason))
