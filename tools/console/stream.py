"""Server-sent events: tells each open page what changes, in at most about ten messages per second."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.requests import Request

from tools.console.guard import Receive, Scope, Send
from tools.console.json_answer import JsonAnswer
from tools.console.ring import Ring
from tools.masks import Masks

TICK_SECONDS = 0.5
MOST_PER_TICK = 5
"""Events that are sent one by one; if more have changed, the page is told how many, and reads them itself."""

HEARTBEAT_SECONDS = 15
PATIENCE_SECONDS = 15
"""How long a message may take to be written: a page that reads more slowly is dropped."""

MOST_READERS = 20

type Latest = Callable[[], Any]


class Stream:
    """The changes of a ring and of other values, for all open pages. Lives in the server's event loop."""

    def __init__(self, ring: Ring, masks: Masks, latest: dict[str, Latest]) -> None:
        """`latest`: what is sent under a name after `publish`, and to each new page; None is not sent."""
        self._ring, self._masks, self._latest = ring, masks, latest
        self._run = secrets.token_hex(4)
        self._readers: set[_Reader] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def readers(self) -> int:
        """How many pages are open."""
        return len(self._readers)

    def publish(self, name: str = "") -> None:
        """Something has changed: events, or the value of that name. May be called from any thread."""
        if self._readers:
            self._soon(name)

    def close(self) -> None:
        """End all streams. May be called from any thread."""
        self._closed = True
        self._soon("")

    def _soon(self, name: str) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the server has ended meanwhile, and its loop is closed
                self._loop.call_soon_threadsafe(self._wake, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`GET /api/stream`."""
        self._loop = asyncio.get_running_loop()
        if len(self._readers) >= MOST_READERS:
            error = {"error": f"{MOST_READERS} pages are open: close one"}
            await JsonAnswer(error, 503)(scope, receive, send)
            return
        reader = _Reader(self._since(Request(scope).headers.get("last-event-id", "")), set(self._latest))
        self._readers.add(reader)
        writing = asyncio.create_task(self._write(reader, send))
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({writing, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._readers.discard(reader)
            for task in (writing, gone):
                task.cancel()
            await asyncio.gather(writing, gone, return_exceptions=True)

    def _since(self, last_id: str) -> int:
        """The last change that a page knows; -1 for one of another run, which must read everything again."""
        run, _, change = last_id.partition("-")
        if not last_id:
            return self._ring.changes
        known = run == self._run and re.fullmatch("[0-9]{1,15}", change)
        return int(change) if known else -1

    def _wake(self, name: str) -> None:
        for reader in self._readers:
            reader.names |= {name} - {""}
            reader.woken.set()

    async def _write(self, reader: _Reader, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        reader.woken.set()
        await _send(send, "retry: 1000\n\n")
        while not self._closed:
            try:
                await asyncio.wait_for(reader.woken.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                await _send(send, ": still here\n\n")
                continue
            reader.woken.clear()
            if self._closed:
                break
            await _send(send, self._messages(reader))
            await asyncio.sleep(TICK_SECONDS)
        await send({"type": "http.response.body", "body": b""})

    def _messages(self, reader: _Reader) -> str:
        """What a page must hear now; nothing waits for it but the number of the last change that it knows."""
        now = self._ring.changes
        id = f"{self._run}-{now}"
        if reader.since < 0:
            text = _message("many", {"changed": len(self._ring)}, id)
        elif now == reader.since:
            text = ""
        else:
            changed = list(self._ring.changed_since(reader.since))
            if len(changed) > MOST_PER_TICK:
                text = _message("many", {"changed": len(changed)}, id)
            else:
                text = "".join(_message("event", self._masks.data(event.summary()), id) for event in changed)
        reader.since = now
        names, reader.names = reader.names, set()
        return text + "".join(
            _message(name, self._masks.data(value), id)
            for name in sorted(names)
            if (value := self._latest[name]()) is not None
        )


class _Reader:
    """An open page: the last change that it knows, and the values that have changed since."""

    def __init__(self, since: int, names: set[str]) -> None:
        self.since = since
        self.names = names
        self.woken = asyncio.Event()


def _message(name: str, value: Any, id: str) -> str:
    return f"event: {name}\nid: {id}\ndata: {json.dumps(value)}\n\n"


async def _send(send: Send, text: str) -> None:
    if text:
        sending = send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        await asyncio.wait_for(sending, PATIENCE_SECONDS)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
