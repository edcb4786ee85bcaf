"""Keeps web pages away from the servers of a local run: the local AWS and the sandbox.

A page in the developer's browser can send requests to any port of this machine. The browser reveals that: it
names the page in `Origin`, or in `Sec-Fetch-Site` if it sends no `Origin`; and if an attacker has rebound a
name to 127.0.0.1, `Host` is that name. The AWS CLI, SAM, boto3 and the functions send neither header, and
call this machine by its own names. Foreign requests are refused before their body is read.

Run by its path, in an environment without this project, this file starts MiniStack behind this rule.
"""

import hmac
import os
import re
import runpy
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

FRONT = b"x-trackgate-front"
"""The front's own header, with the run's key as its value: it lets requests of apps' origins through."""

KEY_VARIABLE = "TRACKGATE_FRONT_KEY"
LINES_VARIABLE = "TRACKGATE_FUNCTION_LINES"
"""The file for the functions' log lines."""

_THIS_MACHINE = re.compile(rb"(([a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
_NO_OTHER_PAGE = frozenset({b"none", b"same-origin"})

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]


def refusal(headers: Iterable[tuple[bytes, bytes]], key: bytes = b"") -> str | None:
    """Why a request is refused, or None. With `key` (not empty) the front's requests may have any origin."""
    named: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        named.setdefault(name.lower(), []).append(value.strip())
    hosts = named.get(b"host", [])
    if len(hosts) != 1 or not _THIS_MACHINE.fullmatch(hosts[0]):
        return "Host must be 127.0.0.1, localhost or a name under localhost"
    if key and any(hmac.compare_digest(key, given) for given in named.get(FRONT, [])):
        return None
    if any(origin.lower() != b"http://" + hosts[0].lower() for origin in named.get(b"origin", [])):
        return "web pages of another origin may not call this"
    if not _NO_OTHER_PAGE.issuperset(named.get(b"sec-fetch-site", [])):
        return "web pages of another site may not call this"
    return None


def guarded(app: App, key: bytes) -> App:
    """An ASGI application behind the rule: 403, with the reason as text."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        reason = refusal(scope["headers"], key)
        if reason is None:
            headers = [(name, value) for name, value in scope["headers"] if name.lower() != FRONT]
            await app({**scope, "headers": headers}, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            body = f"{reason}\n".encode()
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return guard


def _ministack() -> None:
    # Its environment, which the functions inherit, forbids bytecode for their sake, not for its own.
    sys.dont_write_bytecode = False
    from ministack import app as ministack
    from ministack.core import lambda_runtime
    from ministack.services import cloudwatch_logs

    def beside(file: str) -> dict[str, Any]:
        return runpy.run_path(str(Path(__file__).with_name(file)))

    beside("shared_layers.py")["share_layers"](lambda_runtime, Path(tempfile.gettempdir()))
    if lines := os.environ.pop(LINES_VARIABLE, ""):
        beside("function_lines.py")["copy_lines"](cloudwatch_logs, Path(lines))
    # The functions inherit MiniStack's environment.
    key = os.environ.pop(KEY_VARIABLE, "").encode()
    ministack.app = guarded(ministack.app, key)
    ministack.main()


if __name__ == "__main__":
    _ministack()
