"""Prints requests and responses to a terminal, with credentials hidden unless they are the sandbox's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.client import responses
from typing import Any

from rich.highlighter import JSONHighlighter
from rich.rule import Rule
from rich.text import Text

from tools.masks import Masks
from tools.sandbox.client import Entry
from tools.send.http1 import Headers, Request, Response
from tools.terminal import Terminal

MAX_BODY = 4000
"""Characters of a body that are printed."""

_OF_A_LOCAL_RUN = re.compile(r"(?:[A-Za-z-]+ )?local-[\w-]+")


class Screen:
    """Prints requests and responses as sent: start line, headers, body."""

    def __init__(self, terminal: Terminal) -> None:
        """`terminal`: where it prints."""
        self._terminal = terminal

    def title(self, text: str) -> None:
        """A line across the terminal."""
        self._terminal.print()
        self._terminal.print(Rule(Text(text, style="bold"), align="left", style="dim"))

    def note(self, text: str) -> None:
        """A remark."""
        self._terminal.print(Text(text, style="italic"), soft_wrap=True)

    def request(self, request: Request) -> None:
        """A request that was sent."""
        self._start("→", f"{request.method} {request.target}", "cyan")
        self._rest(request.headers, request.body)

    def response(self, response: Response) -> None:
        """The response to it."""
        self._terminal.print()
        self._start("←", f"{response.status} {response.reason}".rstrip(), _colour(response.status))
        self._rest(response.headers, response.body)

    def entry(self, entry: Entry) -> None:
        """A request that the sandbox received from the gateway, and its response."""
        self._start("→", f"{entry.method} {entry.target}", "cyan")
        self._rest(entry.headers, entry.content)
        self._terminal.print()
        if entry.status is None:
            self._start("←", f"no response (fault: {entry.fault})", "red")
        else:
            fault = f" (fault: {entry.fault})" if entry.fault else ""
            line = f"{entry.status} {responses.get(entry.status, '')}".rstrip()
            self._start("←", f"{line}{fault}", _colour(entry.status))
        if entry.verdict is not None:
            self.note(f"The sandbox's verdict: {entry.verdict}.")

    def row(self, row: Mapping[str, Any] | None) -> None:
        """The row in which an event is stored."""
        if row is None:
            self.note("There is no row for this event.")
            return
        for name, value in row.items():
            self._terminal.print(Text.assemble((f"  {name}: ", "dim"), str(value)), soft_wrap=True)

    def _start(self, arrow: str, text: str, colour: str) -> None:
        self._terminal.print(Text.assemble((f"{arrow} ", "dim"), (text, f"bold {colour}")), soft_wrap=True)

    def _rest(self, headers: Headers, body: bytes) -> None:
        for name, value in headers:
            line = Text.assemble((f"  {name}: ", "dim"), header_value(name, value))
            self._terminal.print(line, soft_wrap=True)
        if body:
            self._terminal.print()
            self._terminal.print(_body(body), soft_wrap=True)


def _body(body: bytes) -> Text:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Text(f"  ({len(body)} bytes that are not UTF-8)", style="italic")
    more = f" … ({len(body)} bytes)" if len(text) > MAX_BODY else ""
    return JSONHighlighter()(Text("\n".join(f"  {line}" for line in text[:MAX_BODY].splitlines()) + more))


def _colour(status: int) -> str:
    return "green" if status < 300 else "yellow" if status < 500 else "red"


def header_value(name: str, value: str) -> str:
    """A header's value. A credential is hidden unless it is a local run's; its scheme (`Key`) stays."""
    return value if _OF_A_LOCAL_RUN.fullmatch(value) else Masks().header(name, value)
