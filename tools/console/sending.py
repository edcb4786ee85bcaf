"""Sends a call that a person has written to the run's own front, and to nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tools.console.facts import PLACEHOLDER
from tools.send import http1

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MOST_HEADERS = 100

_TARGET = re.compile(r"/[!-~]*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_OF_THE_CONNECTION = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "expect"),
        *("te", "trailer", "proxy-connection", "proxy-authorization"),
    }
)


class Unsendable(ValueError):
    """What is wrong with a call, in one sentence."""


def read(value: Any, key: str) -> http1.Request:
    """The call in the body of `POST /api/send`, with the client key for its placeholder.

    Raises Unsendable.
    """
    if not isinstance(value, dict) or not value.keys() <= {"method", "path", "headers", "body"}:
        raise Unsendable("a call is an object with method, path, headers and body")
    method, path, body = value.get("method"), value.get("path"), value.get("body", "")
    if method not in METHODS:
        raise Unsendable(f"`method` is one of {', '.join(METHODS)}")
    if not isinstance(path, str) or _TARGET.fullmatch(path) is None:
        raise Unsendable("`path` begins with / and has no spaces, line breaks or characters beyond ASCII")
    if not isinstance(body, str):
        raise Unsendable("`body` is text")
    try:
        content = body.encode()
    except UnicodeEncodeError:
        raise Unsendable("`body` contains a lone surrogate") from None
    headers = tuple(_headers(value.get("headers", []), key))
    return http1.Request(method=method, target=path.replace(PLACEHOLDER, key), headers=headers, body=content)


def _headers(value: Any, key: str) -> Iterable[tuple[str, str]]:
    if not isinstance(value, list) or len(value) > MOST_HEADERS:
        raise Unsendable(f"`headers` is a list of at most {MOST_HEADERS} pairs of name and value")
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
            raise Unsendable("each of `headers` is a pair of name and value")
        name, text = pair
        if _NAME.fullmatch(name) is None:
            raise Unsendable("`headers`: a name has letters, digits and hyphens only")
        if name.lower() in _OF_THE_CONNECTION:
            raise Unsendable(f"`headers`: {name} is set by the connection")
        if _VALUE.fullmatch(text) is None:
            raise Unsendable(f"`headers`: the value of {name} is not one line of text in Latin-1")
        yield name, text.replace(PLACEHOLDER, key)


def send(
    request: http1.Request, url: str, authority: Path | None, own: Callable[[int], None]
) -> tuple[int, int, str | None]:
    """Send it; the local port that it came from, the answer's status and its event id.

    `own`: is told the port before anything is sent. Raises OSError.
    """
    ports: list[int] = []

    def connected(port: int) -> None:
        ports.append(port)
        own(port)

    _, answer = http1.send(request, url, authority, connected)
    ids = [value for name, value in answer.headers if name.lower() == "gateway-event-id"]
    return ports[0], answer.status, ids[0] if ids else None
