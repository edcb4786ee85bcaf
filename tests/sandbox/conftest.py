"""A sandbox for the tests of the sandbox, and a socket that shows its bytes."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tools.sandbox.client import Sandbox
from tools.sandbox.running import running_sandbox

type Ask = Callable[..., tuple[int, Any, dict[str, str]]]


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """Sends a request; gives status, JSON (or bytes) and header fields as they are written on the wire."""

    def ask(
        method: str, path: str, body: object = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        parts = urlsplit(sandbox.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            said = response.read()
            fields = dict(response.getheaders())
        finally:
            connection.close()
        return response.status, json.loads(said) if said[:1] in (b"{", b"[") else said, fields

    return ask


@pytest.fixture
def dial(sandbox: Sandbox) -> Iterator[Callable[[], socket.socket]]:
    """Opens raw connections to the sandbox, and closes them in the end."""
    opened: list[socket.socket] = []
    parts = urlsplit(sandbox.url)

    def dial() -> socket.socket:
        opened.append(socket.create_connection((parts.hostname, parts.port), timeout=5))
        return opened[-1]

    yield dial
    for connection in opened:
        connection.close()
