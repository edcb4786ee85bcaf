"""A console with made-up events: the real files, behind an API like the real one."""

import contextlib
import json
import mimetypes
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.console import story
from tools.places import ROOT
from tools.sandbox.faults import Faults

STATIC = ROOT / "tools" / "console" / "static"
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
COOKIE = "trackgate-console-test=entered"


class Console(ThreadingHTTPServer):
    """`events` by number; `details` replace parts of every event's details; what the page changed is in
    `posted`; while `answers` is clear, lists wait."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.events: dict[int, dict[str, Any]] = {}
        self.faults = Faults([system["name"] for system in story.SYSTEMS])
        self.details: dict[str, Any] = {}
        self.posted: list[tuple[str, Any]] = []
        self.streams: list[queue.Queue[tuple[str, Any] | None]] = []
        self.admits = True
        self.answers = threading.Event()
        self.answers.set()
        self.waiting = 0

    @property
    def url(self) -> str:
        """Of its page."""
        return f"http://127.0.0.1:{self.server_port}/"

    def add(self, event: dict[str, Any]) -> None:
        """An event that happens, or changes."""
        self.events[event["number"]] = event
        self.tell("event", event)

    def tell(self, kind: str, data: Any) -> None:
        """To every open stream."""
        for stream in self.streams:
            stream.put((kind, data))

    def drop(self) -> None:
        """End every open stream."""
        for stream in self.streams:
            stream.put(None)
        self.streams.clear()

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        """`/api/events`."""
        found = sorted(self.events.values(), key=lambda event: -int(event["number"]))
        for name in ("system", "outcome"):
            if asked.get(name):
                found = [event for event in found if event[name] == asked[name]]
        if asked.get("id"):
            found = [event for event in found if (event["id"] or "").startswith(asked["id"].upper())]
        if asked.get("text"):
            found = [event for event in found if asked["text"] in json.dumps(event)]
        before, limit = int(asked.get("before") or 10**12), int(asked.get("limit") or 100)
        left = [event for event in found if event["number"] < before]
        events = left[:limit]
        return {
            "events": events,
            "next": events[-1]["number"] if len(left) > limit else None,
            "total": len(found),
        }


@contextlib.contextmanager
def serving() -> Iterator[Console]:
    """One, for the length of a `with` block."""
    with Console() as console:
        threading.Thread(target=console.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield console
        finally:
            console.answers.set()
            console.drop()
            console.shutdown()


class _Asked(BaseHTTPRequestHandler):
    server: Console
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        if not self.server.admits or (url.path != "/" and COOKIE not in self.headers.get("Cookie", "")):
            self._answer(401, {"error": "open the console with the address that `make local` prints"})
        elif url.path == "/":
            self._file(STATIC / "index.html", cookie=True)
        elif url.path.startswith("/static/"):
            self._file(STATIC / url.path.removeprefix("/static/"))
        elif url.path == "/api/stream":
            self._stream()
        else:
            self._api(url.path, asked)

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/json"
        assert self.headers["Origin"] == self.server.url.rstrip("/")
        value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posted.append((self.path, value))
        if self.path == "/api/send":
            number = max(self.server.events, default=0) + 1
            self.server.add(story.summary(number, "delivered") | {"from": "console"})
            self._answer(200, {"number": number, "id": self.server.events[number]["id"], "status": 200})
            return
        if self.path == "/api/curl":
            self._answer(200, {"curl": f"curl -i {value['path']}"})
            return
        if self.path == "/api/faults":
            self.server.faults.add(value)
        elif self.path == "/api/faults/clear":
            cleared = value["system"]
            for rule in self.server.faults.data():
                if cleared in (None, rule.get("system")):
                    self.server.faults.clear(rule["id"])
        self._answer(200, {"done": value.get("ids"), "missing": []})

    def _api(self, path: str, asked: dict[str, str]) -> None:
        match path.removeprefix("/api/").split("/"):
            case ["run"]:
                self._answer(200, story.run())
            case ["events"]:
                page = self.server.page(asked)
                self.server.waiting += 1
                self.server.answers.wait()
                self.server.waiting -= 1
                self._answer(200, page)
            case ["events", number] if int(number) in self.server.events:
                self._answer(200, story.detail(self.server.events[int(number)]) | self.server.details)
            case ["state"]:
                self._answer(200, story.queues())
            case ["rates"]:
                self._answer(200, story.rates())
            case ["faults"]:
                self._answer(200, {"faults": self.server.faults.data()})
            case _:
                self._answer(404, {"error": f"there is no {path}"})

    def _stream(self) -> None:
        stream: queue.Queue[tuple[str, Any] | None] = queue.Queue()
        self.server.streams.append(stream)
        self._head(200, "text/event-stream")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            while (told := stream.get()) is not None:
                kind, data = told
                self.wfile.write(f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode())
                self.wfile.flush()

    def _file(self, file: Path, *, cookie: bool = False) -> None:
        if not file.is_file():
            self._answer(404, {"error": "there is no such file"})
            return
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        content = file.read_bytes()
        self._head(200, kind)
        if cookie:
            self.send_header("Set-Cookie", f"{COOKIE}; HttpOnly; SameSite=Strict; Path=/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def _answer(self, status: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self._head(status, "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def _head(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""
