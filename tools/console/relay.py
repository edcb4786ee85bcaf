"""Passes the API reference's "try it" on to the run's own front: a page may call no other origin.

`/try/<path>` becomes `/<path>` there, byte for byte as it was asked for. Neither what a browser sends by
itself reaches the front, cookies first of all, nor what could change the console's pages reaches the browser.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Asked
from starlette.responses import Response as Told

from tools.console.guard import RELAYED, App, Receive, Scope, Send
from tools.console.json_answer import JsonAnswer
from tools.send.http1 import Headers, Request, Response

type Front = Callable[[Request], Response]
"""Sends a request to the run's front. Raises OSError if it cannot be reached, ValueError for a request that
HTTP cannot carry."""

PREFIX = RELAYED.rstrip("/")

_OF_THE_BROWSER = frozenset(
    {
        *("accept-encoding", "accept-language", "cache-control", "connection", "content-length", "cookie"),
        *(
            "dnt",
            "expect",
            "forwarded",
            "host",
            "keep-alive",
            "origin",
            "pragma",
            "priority",
            "referer",
            "te",
        ),
        *("trailer", "transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent", "via"),
    }
)
"""Headers that a browser adds, and those of its connection; so are all that begin with `sec-` or `proxy-`."""

_TOLD = frozenset(
    {"allow", "content-language", "content-type", "date", "idempotency-replayed", "retry-after"}
)
_TOLD_PREFIXES = ("access-control-", "gateway-", "x-amz")
"""The headers of an answer that the page sees: no cookie, redirect or policy of a vendor becomes ours."""

_INERT = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}
"""An answer that is opened as a page runs nothing, and belongs to no origin."""


def relay(front: Front, placeholder: str, key: str) -> App:
    """The ASGI application below `/try/`; `placeholder` becomes the local client key `key`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked = Asked(scope, receive)
        request = relayed(asked, await asked.body(), placeholder, key)
        answer: Told
        if request is None:
            answer = JsonAnswer({"error": "the path is not below /try/"}, 404)
        else:
            answer = await _told(front, request)
        await answer(scope, receive, send)

    return app


def relayed(asked: Asked, body: bytes, placeholder: str, key: str) -> Request | None:
    """The request to the front; None if the path as it was sent is not below `/try/`."""
    raw: bytes = asked.scope["raw_path"]
    if not raw.startswith(RELAYED.encode()):
        return None
    target = raw.removeprefix(PREFIX.encode()).decode("latin-1")
    if query := asked.scope["query_string"].decode("latin-1"):
        target += f"?{query}"
    headers: Headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1").replace(placeholder, key))
        for name, value in asked.headers.raw
        if _is_the_apps(name.decode("latin-1").lower())
    )
    for written in (placeholder, quote(placeholder, safe="")):
        target = target.replace(written, quote(key, safe=""))
    return Request(
        method=asked.method,
        target=target,
        headers=headers,
        body=body.replace(placeholder.encode(), key.encode()),
    )


async def _told(front: Front, request: Request) -> Told:
    try:
        response = await run_in_threadpool(front, request)
    except (OSError, ValueError) as error:
        return JsonAnswer({"error": f"the local run did not answer: {error}"}, 502)
    told = Told(response.body, response.status)
    for name, value in response.headers:
        if name.lower() in _TOLD or name.lower().startswith(_TOLD_PREFIXES):
            told.headers.append(name, value)
    told.headers.update(_INERT)
    return told


def _is_the_apps(name: str) -> bool:
    return name not in _OF_THE_BROWSER and not name.startswith(("sec-", "proxy-"))
