"""An API that answers as API Gateway and the functions do on AWS, or otherwise where it is told to."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIMIT = 10_240
STAGE = "/live"
SHARED = json.dumps(dict.fromkeys(("message", "error", "description"), "Request Too Long")).encode()
RULES = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
    "Access-Control-Allow-Headers": "authorization",
}


class Edge(BaseHTTPRequestHandler):
    """`otherwise` names the differences that are answered in another way."""

    protocol_version = "HTTP/1.1"
    otherwise: frozenset[str] = frozenset()
    required = False
    received: list[tuple[str, str, bytes]] = []  # noqa: RUF012 - one list for each server's own subclass

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        path = self.path.removeprefix(STAGE)
        self.received.append((self.command, path, body if len(body) < 1024 else b"large"))
        line = len(self.requestline)
        size = line + sum(len(value) for value in self.headers.values())
        if size > LIMIT and "header-limit" not in self.otherwise:
            self._say(400, b"too much", ours=False)
            return
        if length > 10 * 1024 * 1024:
            self._say(413, b"<html>" if "own-answers" in self.otherwise else SHARED, ours=False)
            return
        self._route(path, body)

    def _route(self, path: str, body: bytes) -> None:
        if path.startswith("//"):
            if "leading-slashes" in self.otherwise:
                self._not_found()
                return
            path = "/" + path.lstrip("/")
        if "inner-slashes" in self.otherwise:
            path = path.replace("//", "/")
        if "encoded-slash" in self.otherwise:
            path = path.replace("%2f", "/")
        if "slash" not in self.otherwise:
            path = path.rstrip("/") or "/"
        match path:
            case "/v1/track/item":
                self._item(body)
            case "/v1/login":
                other = self.command == "POST" or "word-before-variable" in self.otherwise
                self._say(403 if other else 405, b"{}", {"Allow": "POST, OPTIONS"})
            case "/v1" if "parent-path" in self.otherwise:
                self._say(404, SHARED, ours=False)
            case "/trackgate-doctor" if "unknown-path" in self.otherwise:
                self._say(403, b'{"message":"Missing Authentication Token"}', ours=False)
            case _:
                self._not_found()

    def _not_found(self) -> None:
        self._say(404, b'{"message":"Not found"}')

    def _item(self, body: bytes) -> None:
        if self.command == "OPTIONS":
            rules = {} if "preflight" in self.otherwise else RULES
            kind = {"Content-Type": "application/json"} if "null-type" in self.otherwise else {}
            self._say(204, b"", rules | kind)
        elif self.command == "HEAD":
            self._say(403 if "head" in self.otherwise else 405, b"", {"Allow": "POST, OPTIONS"})
        elif self.command != "POST":
            allow = {} if "wrong-method" in self.otherwise else {"Allow": "POST, OPTIONS"}
            self._say(405, b"", allow)
        elif self.required and self.headers.get("X-API-Key") != "good":
            self._say(401, b"no key")
        elif len(body) > 512 * 1024:
            self._say(502 if "large-body" in self.otherwise else 413, b"too large")
        else:
            self._parse(body)

    def _parse(self, body: bytes) -> None:
        packed = self.headers.get("Content-Encoding") == "gzip"
        if "header-case" in self.otherwise and "cOnTeNt-EnCoDiNg" in self.headers.keys():  # noqa: SIM118
            packed = False
        try:
            if packed and not ("gzip-without-type" in self.otherwise and "Content-Type" not in self.headers):
                body = gzip.decompress(body)
            json.loads(body)
        except ValueError:
            self._say(400, b"invalid gzip", {"Gateway-Error": "invalid gzip"})
            return
        self._say(400, b"Invalid Region", {"Gateway-Error": "Region is required"})

    def _say(self, status: int, body: bytes, headers: Mapping[str, str] = {}, *, ours: bool = True) -> None:
        """Answer; `ours` is a function's answer, which has the gateway's own headers."""
        self.send_response_only(status)
        own = {"Gateway-Event-Id": "01M7YZEB4NF1YHQ2SNANDXJVZ1"} if ours else {}
        ids = {"x-amzn-RequestId": "1"} | ({} if "request-id" in self.otherwise else {"x-amz-apigw-id": "2"})
        for name, value in {**own, **ids, "Access-Control-Allow-Origin": "*", **headers}.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def aws_edge(*otherwise: str, required: bool = False) -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """Its URL, and what it received: method, path, body (`large` for a large one)."""
    received: list[tuple[str, str, bytes]] = []
    given: Mapping[str, object] = {
        "otherwise": frozenset(otherwise),
        "required": required,
        "received": received,
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (Edge,), dict(given)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{STAGE}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
