"""The front: one address for the deployed API, with no stage in its path, as a domain gives it on AWS.

Path and query go on byte for byte, headers in their order and spelling, bodies as they are. It changes what
API Gateway changes: hop-by-hop headers end here, and `X-Forwarded-For` is the caller's address, from which
the local AWS takes `sourceIp`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from types import TracebackType
from typing import Self

import h11

from tools.guard import FRONT

MAX_BODY = 10 * 1024 * 1024
"""API Gateway's own limit, bytes."""

MAX_HEAD = 10_240
"""API Gateway's limit of the request line and the values of all headers, bytes."""

_READ_AHEAD = 64 * 1024
DRAIN_SECONDS = 25
"""What a call may still take when we stop; longer than a function's own timeout."""

_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade expect".split()
)
_NOT_THE_API = frozenset([b"content-length", b"server", b"date"])
_Headers = list[tuple[bytes, bytes]]


class _Unanswerable(Exception):
    """The request is refused here; its text is a reason phrase."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Front:
    """Listens from `with` to its end, in a thread of its own; calls that are under way are let finish."""

    def __init__(
        self,
        target: str,
        *,
        host: str = "127.0.0.1",
        port: int,
        context: ssl.SSLContext | None = None,
        key: str = "",
    ) -> None:
        """`target`: `http://127.0.0.1:4566/restapis/<id>/live/_user_request_`; `context`: for https.

        `key`: lets the requests of web pages through to the local AWS, see tools/guard.py.
        """
        self._authority, _, path = target.removeprefix("http://").partition("/")
        self._prefix = f"/{path}".encode()
        self._host = host
        self._port = port
        self._context = context
        self._key = key.encode()
        self._open: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        """Listen. Raises OSError if the port cannot be had."""
        self._thread.start()
        try:
            self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take no more connections, and wait for the calls that are under way."""
        asyncio.run_coroutine_threadsafe(self._drain(), self._loop).result()
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(
            self._serve, self._host, self._port, ssl=self._context, limit=_READ_AHEAD, backlog=1024
        )

    async def _drain(self) -> None:
        assert self._server is not None  # noqa: S101 - set when `with` was entered
        self._server.close()
        if self._busy:
            await asyncio.wait(list(self._busy), timeout=DRAIN_SECONDS)
        left = list(self._open)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this as one
        self._open.add(task)
        client = h11.Connection(h11.SERVER, max_incomplete_event_size=_READ_AHEAD)
        try:
            while client.our_state is not h11.MUST_CLOSE:
                request = await _next(client, reader)
                if not isinstance(request, h11.Request):
                    return
                self._busy.add(task)
                try:
                    await self._answer(client, request, reader, writer)
                finally:
                    self._busy.discard(task)
                if self._server is None or not self._server.is_serving():
                    return
                if client.our_state is h11.DONE and client.their_state is h11.DONE:
                    client.start_next_cycle()
                else:
                    if client.their_state is h11.SEND_BODY:
                        await _discard(reader)
                    return
        except h11.RemoteProtocolError as error:
            with contextlib.suppress(h11.LocalProtocolError, OSError):
                # h11 would say 501 to an unknown transfer coding; it is the caller's fault all the same.
                status = error.error_status_hint if error.error_status_hint < 500 else 400
                await _send(client, writer, *_own_answer(status, "Bad Request"))
                await _discard(reader)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(
        self,
        client: h11.Connection,
        request: h11.Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        try:
            _check_size(request)
            target = _origin_form(request.target)
            body = await _body(client, reader, writer)
        except _Unanswerable as refused:
            response, content = _own_answer(refused.status, str(refused))
            await _send(client, writer, response, b"" if request.method == b"HEAD" else content)
            return
        try:
            peer = writer.get_extra_info("peername")[0]
            response, content = await self._forward(request, target, body, peer)
        except (OSError, h11.RemoteProtocolError):
            response, content = _own_answer(502, "The local AWS gave no answer")
        await _send(client, writer, response, b"" if request.method == b"HEAD" else content)

    async def _forward(
        self, request: h11.Request, target: bytes, body: bytes, peer: str
    ) -> tuple[h11.Response, bytes]:
        """Each call has a connection of its own: a kept one can die under a call that must go but once."""
        ours = {b"host", b"content-length", b"x-forwarded-for", FRONT}
        headers = _end_to_end(request.headers.raw_items(), ours)
        headers = [(b"Host", self._authority.encode()), *headers, (b"X-Forwarded-For", peer.encode())]
        if self._key:
            headers.append((FRONT, self._key))
        if body:
            headers.append((b"Content-Length", str(len(body)).encode()))
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_READ_AHEAD)
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
            while not isinstance(event := await _next(connection, reader), h11.EndOfMessage):
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
        return _cleaned(answer, bytes(content), request.method), bytes(content)


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Event | None:
    """The next event of the other side; None when it is gone."""
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(65536))
    if isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
        return None
    assert not isinstance(event, type)  # noqa: S101 - the two sentinels are dealt with above
    return event


async def _body(client: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    if client.they_are_waiting_for_100_continue:
        going_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
        writer.write(client.send(going_on) or b"")
    body = bytearray()
    while not isinstance(event := await _next(client, reader), h11.EndOfMessage):
        if not isinstance(event, h11.Data):
            raise ConnectionResetError
        body += event.data
        if len(body) > MAX_BODY:
            raise _Unanswerable(413, "Request Too Long")
    return bytes(body)


async def _discard(reader: asyncio.StreamReader) -> None:
    """Read what is still coming: a connection that is closed on it would take the answer with it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2):
            while await reader.read(65536):
                pass


async def _send(
    client: h11.Connection, writer: asyncio.StreamWriter, response: h11.Response, content: bytes
) -> None:
    writer.write(client.send(response) or b"")
    if content:
        writer.write(client.send(h11.Data(data=content)) or b"")
    writer.write(client.send(h11.EndOfMessage()) or b"")
    await writer.drain()


def _check_size(request: h11.Request) -> None:
    line = len(request.method) + len(request.target) + len(b"  HTTP/1.1")
    if line + sum(len(value) for _, value in request.headers) > MAX_HEAD:
        raise _Unanswerable(431, "Request Header Fields Too Large")


def _origin_form(target: bytes) -> bytes:
    if target.startswith(b"/"):
        return target
    scheme, found, rest = target.partition(b"://")
    if not found or scheme.lower() not in (b"http", b"https"):
        raise _Unanswerable(400, "Bad Request")
    _, slash, path = rest.partition(b"/")
    return slash + path or b"/"


def _end_to_end(headers: _Headers, further: set[bytes]) -> _Headers:
    named = {
        name.strip().lower()
        for header, value in headers
        if header.lower() == b"connection"
        for name in value.split(b",")
    }
    dropped = _HOP_BY_HOP | named | further
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def _cleaned(answer: h11.Response, content: bytes, method: bytes) -> h11.Response:
    headers = [
        (name, value)
        for name, value in _end_to_end(answer.headers.raw_items(), set(_NOT_THE_API))
        # Its text for a content type of null, with which a function asks for none.
        if (name.lower(), value) != (b"content-type", b"None")
    ]
    if method == b"HEAD":
        # The length of what a GET would be answered with, of which only the other side knows.
        raw = answer.headers.raw_items()
        headers += [(name, value) for name, value in raw if name.lower() == b"content-length"]
    elif answer.status_code not in (204, 304):
        headers.append((b"Content-Length", str(len(content)).encode()))
    return h11.Response(status_code=answer.status_code, headers=headers, reason=bytes(answer.reason))


def _own_answer(status: int, text: str) -> tuple[h11.Response, bytes]:
    """In the words of API Gateway's own answers, see `GatewayResponses` in the template."""
    body = f'{{"message":"{text}","error":"{text}","description":"{text}"}}'.encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Access-Control-Allow-Origin", "*"),
        ("Content-Length", str(len(body))),
    ]
    return h11.Response(status_code=status, headers=headers, reason=text.encode()), body
