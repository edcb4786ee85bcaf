"""Calls an ASGI application in this process, with the headers that a test gives and no others."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.console.access import Access
from tools.console.guard import App

HOST = ("Host", "127.0.0.1:4020")
OWN = ("Origin", "http://127.0.0.1:4020")
JSON = ("Content-Type", "application/json")

type Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back; `headers` by their names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def cookie(access: Access) -> tuple[str, str]:
    """What a browser sends that has opened the console's address."""
    return "Cookie", f"{access.cookie}={access.session}"


def call(app: App, method: str, target: str, headers: Headers = (HOST,), body: bytes = b"") -> Answer:
    """One call; the application must answer it completely."""
    path, _, query = target.partition("?")
    given = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        if given:
            return given.pop()
        # The client stays: an application that waits for its going would otherwise ask again for ever.
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 4020),
    }

    async def run() -> None:
        await app(scope, receive, send)

    asyncio.run(run())
    start, *rest = sent
    return Answer(
        status=start["status"],
        headers={name.decode().lower(): value.decode() for name, value in start["headers"]},
        body=b"".join(part.get("body", b"") for part in rest),
    )
