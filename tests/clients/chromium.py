"""A page of another origin in a real, headless Chromium: what browsers make of the gateway's answers."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest

from tests.components import CHROMIUM

REPORT_SECONDS = 60
_TYPES = {".html": "text/html", ".js": "text/javascript", ".json": "application/json"}

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    # Nothing but the page's own calls.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-proxy-server",
    # It takes its authorities from a database of its own, into which a throw-away one cannot be put.
    "--ignore-certificate-errors",
)

# Starting a browser takes a second, a frame none: one page opens each visit in a frame of its own. One
# connection tells it of visits: while other tests have no sockets, it must not ask for anything.
_OPENER = """
new EventSource('/visits').onmessage = visit => {
  const frame = document.createElement('iframe')
  frame.src = visit.data
  document.body.replaceChildren(frame)
}
"""


class _Pages(ThreadingHTTPServer):
    """Serves the files of each visit and takes its report."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.files: dict[str, bytes] = {"/": _document(f"<body><script>{_OPENER}</script>")}
        self.wanted: queue.Queue[str | None] = queue.Queue()
        self.reports: queue.Queue[tuple[str, Any]] = queue.Queue()


class _Asked(BaseHTTPRequestHandler):
    server: _Pages

    def do_GET(self) -> None:
        if self.path == "/visits":
            self._visits()
            return
        content = self.server.files.get(self.path)
        kind = _TYPES.get(Path(self.path).suffix, "text/html")
        self._answer(404 if content is None else 200, content or b"", kind)

    def do_POST(self) -> None:
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(204)
        self.server.reports.put((self.path, report))

    def _visits(self) -> None:
        self._answer(200, kind="text/event-stream")
        with contextlib.suppress(OSError):
            while (place := self.server.wanted.get()) is not None:
                self.wfile.write(f"data: {place}\n\n".encode())

    def _answer(self, status: int, content: bytes = b"", kind: str = "text/plain") -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


class Browser:
    """One Chromium, from `with` to its end. Skips the test where it is missing."""

    origin: str
    """Of every page that it opens."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where its profile and its log may lie."""
        self._command = [CHROMIUM.program("chromium"), *_FLAGS, f"--user-data-dir={folder / 'profile'}"]
        self._log = folder / "chromium.log"
        self._running = contextlib.ExitStack()
        self._visits = 0

    def __enter__(self) -> Self:
        """Start it."""
        with contextlib.ExitStack() as starting:
            self._pages = starting.enter_context(_serving())
            self.origin = f"http://localhost:{self._pages.server_port}"
            starting.enter_context(_browsing([*self._command, f"{self.origin}/"], self._log))
            self._running = starting.pop_all()
        return self

    def __exit__(self, *failure: object) -> None:
        """Stop it."""
        self._running.close()

    def visit(self, scripts: Sequence[str], files: Mapping[str, bytes]) -> Any:
        """Open a page that loads `scripts`, in order, and return what it POSTs, as JSON, to `report`.

        `files`: what the page can GET beside itself, the scripts among them.
        """
        self._visits += 1
        place = f"/{self._visits}/"
        tags = "".join(f'<script src="{name}"></script>' for name in scripts)
        self._pages.files |= {f"{place}{name}": content for name, content in files.items()}
        self._pages.files[place] = _document(tags)
        self._pages.wanted.put(place)
        try:
            reported, report = self._pages.reports.get(timeout=REPORT_SECONDS)
        except queue.Empty:
            last = self._log.read_text(errors="replace")[-2000:]
            pytest.fail(f"no report from the page after {REPORT_SECONDS} s: {last}")
        assert reported == f"{place}report"
        return report


def _document(inside: str) -> bytes:
    return f'<!doctype html><meta charset="utf-8"><title>page</title>{inside}'.encode()


@contextlib.contextmanager
def _serving() -> Iterator[_Pages]:
    with _Pages() as pages:
        threading.Thread(target=pages.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield pages
        finally:
            pages.wanted.put(None)
            pages.shutdown()


@contextlib.contextmanager
def _browsing(command: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        # A session of its own: Chromium is many processes, which end together.
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
