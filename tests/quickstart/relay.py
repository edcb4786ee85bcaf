"""Stands between a snippet and the API: gives the first answers itself, and passes on what follows."""

from __future__ import annotations

import http.client
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

NOT_PASSED_ON = frozenset({"connection", "content-length", "host", "transfer-encoding"})


@dataclass(frozen=True)
class Call:
    """One request as it was received."""

    method: str
    target: str
    body: bytes
    kind: str
    """Its Content-Type."""


@dataclass(frozen=True)
class FirstAnswer:
    """What a new idempotency key gets instead of the API's answer."""

    status: int
    headers: Mapping[str, str]


@dataclass
class Relay:
    """`url` is its address, `api` the API's; `first` is set by a test."""

    api: str
    url: str = ""
    first: FirstAnswer | None = None
    calls: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))
    """By idempotency key, in the order of receipt."""

    def expect(self, first: FirstAnswer | None) -> None:
        """Forget the calls, and give this first answer from now on."""
        self.calls.clear()
        self.first = first


@contextmanager
def relay(api: str) -> Iterator[Relay]:
    """A relay to the API, on a free port."""
    relay = Relay(api)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(relay)) as server:
        relay.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown()
            thread.join()


def _handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            key = self.headers["Idempotency-Key"]
            called = Call(self.command, self.path, body, self.headers["Content-Type"])
            relay.calls[key].append(called)
            if relay.first is not None and len(relay.calls[key]) == 1:
                self.answer(relay.first.status, relay.first.headers, b"")
            else:
                self.answer(*_asked(relay.api, called, self.headers.items()))

        do_PUT = do_POST

        def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler


def _asked(api: str, call: Call, headers: list[tuple[str, str]]) -> tuple[int, Mapping[str, str], bytes]:
    at = urlsplit(api)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=60)
    try:
        sent = {name: value for name, value in headers if name.lower() not in NOT_PASSED_ON}
        connection.request(call.method, call.target, call.body, sent)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()
