"""The front: one address for the deployed API without a stage in its path, like a custom domain on AWS.

It passes on path and query byte for byte, headers in their order and case, bodies unchanged. It changes what
API Gateway changes: it removes hop-by-hop headers, and sets `X-Forwarded-For` to the caller's address, from
which the local AWS takes `sourceIp`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from types import TracebackType
from typing import Self

import h11

from tools.local.front.exchange import Answered, Listener, Received
from tools.local.front.messages import (
    READ_AHEAD,
    Rejected,
    check_size,
    discard_rest,
    next_event,
    origin_form,
    own_response,
    read_body,
    send,
)
from tools.local.front.relay import Relay

DRAIN_SECONDS = 25
"""How long a call may take when we stop: longer than a function's own timeout."""

TLS_GOODBYE_SECONDS = 1.0
"""How long a connection that we close may take to confirm that: browsers never do for idle ones, and asyncio
would wait 30 seconds."""


class Front:
    """Listens for the length of a `with` block, in a thread of its own; calls in progress are completed."""

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

        `key`: makes the local AWS accept requests that come from web pages, see tools/guard.py.
        """
        self.listeners: list[Listener] = []
        self._numbers = count(1)
        self._relay = Relay(target, key)
        self._host = host
        self._port = port
        self._context = context
        self._open: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        """Listen. Raises OSError if the port is not available."""
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
        """Accept no more connections, and wait for calls in progress."""
        asyncio.run_coroutine_threadsafe(self._drain(), self._loop).result()
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(
            self._serve,
            self._host,
            self._port,
            ssl=self._context,
            ssl_shutdown_timeout=TLS_GOODBYE_SECONDS if self._context else None,
            limit=READ_AHEAD,
            backlog=1024,
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
        client = h11.Connection(h11.SERVER, max_incomplete_event_size=READ_AHEAD)
        try:
            while client.our_state is not h11.MUST_CLOSE:
                request = await next_event(client, reader)
                if not isinstance(request, h11.Request):
                    return
                try:
                    await self._answer(client, request, reader, writer, task)
                finally:
                    self._busy.discard(task)
                if self._server is None or not self._server.is_serving():
                    return
                if client.our_state is h11.DONE and client.their_state is h11.DONE:
                    client.start_next_cycle()
                else:
                    if client.their_state is h11.SEND_BODY:
                        await discard_rest(reader)
                    return
        except h11.RemoteProtocolError as error:
            with contextlib.suppress(h11.LocalProtocolError, OSError):
                # h11 suggests 501 for an unknown transfer coding, although it is the caller's mistake.
                status = error.error_status_hint if error.error_status_hint < 500 else 400
                await send(client, writer, *own_response(status, "Bad Request"))
                await discard_rest(reader)
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
        task: asyncio.Task[None],
    ) -> None:
        began, content = time.monotonic(), b""
        client_address, client_port = writer.get_extra_info("peername")[:2]
        received = partial(
            Received,
            at=time.time(),
            method=bytes(request.method),
            target=bytes(request.target),
            headers=request.headers.raw_items(),
            client=(client_address, client_port),
        )
        try:
            check_size(request)
            target = origin_form(request.target)
            content = await read_body(client, reader, writer)
            # From here on a stop waits for the answer; a caller that sends no more would hold it up.
            self._busy.add(task)
            number = self._begin(received, content)
        except Rejected as rejected:
            number = self._begin(received, b"")
            response, content = own_response(rejected.status, str(rejected))
        else:
            try:
                response, content = await self._relay.send(request, target, content, client_address)
            except (OSError, h11.RemoteProtocolError):
                response, content = own_response(502, "The local AWS did not respond")
        self._tell(
            Answered(
                number=number,
                status=response.status_code,
                reason=bytes(response.reason),
                headers=response.headers.raw_items(),
                body=content,
                milliseconds=(time.monotonic() - began) * 1000,
            )
        )
        await send(client, writer, response, b"" if request.method == b"HEAD" else content)

    def _begin(self, received: Callable[..., Received], body: bytes) -> int:
        """Tell the listeners of a call; its number. Calls have numbers in the order of being told."""
        number = next(self._numbers)
        self._tell(received(number=number, body=body))
        return number

    def _tell(self, what: Received | Answered) -> None:
        for listener in tuple(self.listeners):
            try:
                listener(what)
            except Exception:
                # Whoever looks on must not cost an app its answer.
                logging.getLogger(__name__).exception("a listener of the front failed")
