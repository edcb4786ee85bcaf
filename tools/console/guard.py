"""Keeps everybody but the run's own user out of the console, and its content inside the page.

A page of another site or port can make a browser on this machine call the console. The browser reveals that
in `Origin` and `Sec-Fetch-Site`, and under a rebound name `Host` is that name: such calls are refused before
their body is read. What remains needs the cookie, which only the address that `make local` prints can set.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from tools.console.access import Access

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]
type Headers = list[tuple[bytes, bytes]]

RELAYED = "/try/"
"""Below this path any method and any content type is allowed: it passes calls on to the API (reference)."""

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request's body: API Gateway takes 10 MB, which JSON may write longer."""

PROTECTION = {
    b"content-security-policy": b"default-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'; object-src 'none'",
    b"cache-control": b"no-store",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
"""Headers of every answer; a page that needs another policy sets its own."""

_READING = ("GET", "HEAD")
_OWN_PAGE = (b"none", b"same-origin")
_CLOSED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Trackgate console</title>
<h1>Open the console with its address</h1>
<p>Each run of <code>make local</code> makes a new address. The terminal prints it as
<code>console: http://127.0.0.1:…/?token=…</code>.</p>
</html>
"""


class Guard:
    """An ASGI application behind the rules."""

    def __init__(self, app: App, access: Access) -> None:
        """`access`: of the run."""
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, 401, 405, 413 or 415 in the application's place, or pass the call on."""
        if scope["type"] != "http":
            return
        sending = _protecting(send)
        headers: Headers = scope["headers"]
        if refused := refusal(scope["method"], scope["path"], headers, self._access):
            await _refuse(scope, sending, *refused)
        elif self._opens(scope):
            await self._app(scope, receive, _with_cookie(sending, self._access.set_cookie))
        elif not self._access.knows(_all(headers, b"cookie")):
            await _refuse(scope, sending, 401, "open the console with the address that `make local` prints")
        elif _length(headers) > MAX_BODY:
            await _refuse(scope, sending, 413, f"a body may have {MAX_BODY} bytes")
        else:
            await self._app(scope, _limited(receive), sending)

    def _opens(self, scope: Scope) -> bool:
        """Whether it is a person with the address."""
        tokens = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        at_door = scope["path"] == "/" and scope["method"] == "GET"
        return at_door and len(tokens) == 1 and self._access.opens(tokens[0])


def refusal(method: str, path: str, headers: Headers, access: Access) -> tuple[int, str] | None:
    """Status and reason for a call that nobody may make, whatever cookie it has; None for any other."""
    hosts = _all(headers, b"host")
    if len(hosts) != 1 or hosts[0].lower() not in access.hosts:
        return 403, "this is not the console's own address"
    origins = _all(headers, b"origin")
    if any(origin.lower() != b"http://" + hosts[0].lower() for origin in origins):
        return 403, "web pages of another origin may not call the console"
    if any(site not in _OWN_PAGE for site in _all(headers, b"sec-fetch-site")):
        return 403, "web pages of another site may not call the console"
    if method in _READING:
        return None
    if not origins:
        return 403, "the console takes this from its own page alone"
    if path.startswith(RELAYED):
        return None
    if method != "POST":
        return 405, "the console takes GET and POST"
    kinds = [kind.partition(b";")[0].strip().lower() for kind in _all(headers, b"content-type")]
    if kinds != [b"application/json"]:
        return 415, "the console takes JSON: set Content-Type to application/json"
    return None


def _all(headers: Headers, name: bytes) -> list[bytes]:
    return [value.strip() for found, value in headers if found.lower() == name]


def _length(headers: Headers) -> int:
    lengths = _all(headers, b"content-length")
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


class TooLarge(Exception):
    """A body without a length has grown beyond the limit."""


def _limited(receive: Receive) -> Receive:
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            raise TooLarge
        return message

    return limited


def _protecting(send: Send) -> Send:
    async def protecting(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", []))
            named = {name.lower() for name, _ in given}
            given += [(name, value) for name, value in PROTECTION.items() if name not in named]
            message = {**message, "headers": given}
        await send(message)

    return protecting


def _with_cookie(send: Send, cookie: str) -> Send:
    async def with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", []), (b"set-cookie", cookie.encode())]
            message = {**message, "headers": headers}
        await send(message)

    return with_cookie


async def _refuse(scope: Scope, send: Send, status: int, reason: str) -> None:
    is_page = status == 401 and not scope["path"].startswith(("/api/", RELAYED))
    kind = b"text/html; charset=utf-8" if is_page else b"application/json"
    body = _CLOSED.encode() if is_page else json.dumps({"error": reason}).encode()
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if status == 405:
        headers.append((b"allow", b"GET, HEAD, POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
