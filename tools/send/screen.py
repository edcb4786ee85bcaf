"""Both wires on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import responses
from typing import Any

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.rule import Rule
from rich.text import Text

from tools.sandbox.client import Entry
from tools.send.http1 import Answer, Headers, Request
from tools.send.secrecy import shown

MAX_BODY = 4000


class Screen:
    """Prints requests and answers as they were on the wire: start line, headers, body."""

    def __init__(self, console: Console) -> None:
        """`console`: where to."""
        self._console = console

    def title(self, text: str) -> None:
        """A line across the terminal."""
        self._console.print()
        self._console.print(Rule(Text(text, style="bold"), align="left", style="dim"))

    def note(self, text: str) -> None:
        """A line that is of no wire."""
        self._console.print(Text(text, style="italic"), soft_wrap=True)

    def request(self, request: Request) -> None:
        """A request that was sent."""
        self._start("→", f"{request.method} {request.target}", "cyan")
        self._rest(request.headers, request.body)

    def answer(self, answer: Answer) -> None:
        """The answer to it."""
        self._console.print()
        self._start("←", f"{answer.status} {answer.reason}".rstrip(), _colour(answer.status))
        self._rest(answer.headers, answer.body)

    def entry(self, entry: Entry) -> None:
        """A request of the gateway's as the sandbox had it, and what the sandbox answered."""
        self._start("→", f"{entry.method} {entry.target}", "cyan")
        self._rest(entry.headers, entry.content)
        self._console.print()
        if entry.status is None:
            self._start("←", f"no answer (fault: {entry.fault})", "red")
        else:
            fault = f" (fault: {entry.fault})" if entry.fault else ""
            said = f"{entry.status} {responses.get(entry.status, '')}".rstrip()
            self._start("←", f"{said}{fault}", _colour(entry.status))
        if entry.verdict is not None:
            self.note(f"The sandbox says: {entry.verdict}.")

    def row(self, row: Mapping[str, Any] | None) -> None:
        """The row that an event became."""
        if row is None:
            self.note("No row of this event is there.")
            return
        for name, value in row.items():
            self._console.print(Text.assemble((f"  {name}: ", "dim"), str(value)), soft_wrap=True)

    def _start(self, arrow: str, text: str, colour: str) -> None:
        self._console.print(Text.assemble((f"{arrow} ", "dim"), (text, f"bold {colour}")), soft_wrap=True)

    def _rest(self, headers: Headers, body: bytes) -> None:
        for name, value in headers:
            line = Text.assemble((f"  {name}: ", "dim"), shown(name, value))
            self._console.print(line, soft_wrap=True)
        if body:
            self._console.print()
            self._console.print(_body(body), soft_wrap=True)


def _body(body: bytes) -> Text:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Text(f"  ({len(body)} bytes that are not UTF-8)", style="italic")
    more = f" … ({len(body)} bytes)" if len(text) > MAX_BODY else ""
    return JSONHighlighter()(Text("\n".join(f"  {line}" for line in text[:MAX_BODY].splitlines()) + more))


def _colour(status: int) -> str:
    return "green" if status < 300 else "yellow" if status < 500 else "red"
