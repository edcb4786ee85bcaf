"""Sends one HTTP/1.1 request, and keeps request and response exactly as they were sent."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

RESPONSE_SECONDS = 60
"""A function's process took 22 s to start while ten others had the two cores."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request; `target`: path and query as in the request line."""

    method: str
    target: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response, with its headers in their order and case."""

    status: int
    reason: str
    headers: Headers
    body: bytes


def send(
    request: Request,
    url: str,
    authority: Path | None = None,
    connected: Callable[[int], None] | None = None,
) -> tuple[Request, Response]:
    """Send to the host of `url`; returns the request with the headers that were actually sent.

    `authority`: the authority of its certificate, for https. `connected`: is called with the local port
    before anything is sent. Raises OSError.
    """
    at = urlsplit(url)
    framing: Headers = (("Host", at.netloc),)
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        framing += (("Content-Length", str(len(request.body))),)
    sent = Request(
        method=request.method, target=request.target, headers=framing + request.headers, body=request.body
    )
    connection = _connection(at, authority)
    try:
        connection.connect()
        if connected is not None:
            connected(connection.sock.getsockname()[1])
        connection.putrequest(sent.method, sent.target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.headers:
            connection.putheader(name, value)
        connection.endheaders(sent.body or None)
        received = connection.getresponse()
        response = Response(
            status=received.status,
            reason=received.reason,
            headers=tuple(received.getheaders()),
            body=received.read(),
        )
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP response: {error!r}") from error
    finally:
        connection.close()
    return sent, response


def _connection(url: SplitResult, authority: Path | None) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        context = ssl.create_default_context(cafile=None if authority is None else str(authority))
        return http.client.HTTPSConnection(host, url.port, timeout=RESPONSE_SECONDS, context=context)
    return http.client.HTTPConnection(host, url.port, timeout=RESPONSE_SECONDS)
