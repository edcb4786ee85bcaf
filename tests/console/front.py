"""Stands for a run's front, or for any other host: answers 200, and keeps what it receives."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Front(ThreadingHTTPServer):
    """On a free port; answers every request with the same `content` and `headers`."""

    daemon_threads = True

    def __init__(self, content: bytes, headers: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.content, self.headers = content, headers
        self.received: list[Received] = []

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def front(content: bytes = b"", **headers: str) -> Iterator[Front]:
    """One, for the length of a `with` block; underscores in names of headers are hyphens."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with Front(content, sent) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


class _Asked(BaseHTTPRequestHandler):
    server: Front

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(
            Received(method=self.command, target=self.path, headers=headers, body=body)
        )
        self.send_response(200)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.content)

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""
