"""One HTTP request and its answer, as they are on the wire."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

ANSWER_SECONDS = 60
"""A function's process took 22 s to start while ten others had the two cores."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request; `target` is path and query as on the request line."""

    method: str
    target: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, headers in their order and spelling."""

    status: int
    reason: str
    headers: Headers
    body: bytes


def send(request: Request, url: str, authority: Path | None = None) -> tuple[Request, Answer]:
    """Send to the host of `url`; the request comes back with the headers that were really sent.

    `authority`: who signed its certificate, for https. Raises OSError.
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
        connection.putrequest(sent.method, sent.target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.headers:
            connection.putheader(name, value)
        connection.endheaders(sent.body or None)
        heard = connection.getresponse()
        answer = Answer(
            status=heard.status, reason=heard.reason, headers=tuple(heard.getheaders()), body=heard.read()
        )
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP answer: {error!r}") from error
    finally:
        connection.close()
    return sent, answer


def _connection(url: SplitResult, authority: Path | None) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        context = ssl.create_default_context(cafile=None if authority is None else str(authority))
        return http.client.HTTPSConnection(host, url.port, timeout=ANSWER_SECONDS, context=context)
    return http.client.HTTPConnection(host, url.port, timeout=ANSWER_SECONDS)
