"""Sends a request byte for byte as it is given and reads the response: no library repairs what is odd."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

SECONDS = 30
"""How long a response is waited for: longer than a function's own timeout."""

type Lines = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, as it is sent. `route` is the path template that it is made for; `kind` says how it was
    made; `raw` takes the place of everything else where the form itself is wrong."""

    route: str
    kind: str
    method: bytes = b"POST"
    target: bytes = b"/"
    headers: Lines = ()
    body: bytes = b""
    raw: bytes | None = None

    def bytes(self, host: str) -> bytes:
        """The bytes that are sent, with a Content-Length if none is given."""
        if self.raw is not None:
            return self.raw.replace(b"{host}", host.encode())
        given = {name.lower() for name, _ in self.headers}
        lines = [b"%b %b HTTP/1.1" % (self.method, self.target)]
        if b"host" not in given:
            lines.append(b"Host: " + host.encode())
        lines += [name + b": " + value for name, value in self.headers]
        if not given & {b"content-length", b"transfer-encoding"}:
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body

    def header(self, name: str) -> list[str]:
        """Every value of a header that was sent."""
        return [value.decode("latin-1") for n, value in self.headers if n.lower() == name.lower().encode()]


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response; header names in lower case, each with all its values. Status 0: none came."""

    status: int
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    failure: str = ""

    def header(self, name: str) -> str:
        """The one value of a header; empty where it is absent, all of them where there are several."""
        return ", ".join(self.headers.get(name.lower(), []))


class Connection:
    """One connection to the API, opened anew whenever the other side has closed it."""

    def __init__(self, url: str) -> None:
        """`url`: `http://127.0.0.1:3000`."""
        self._at = urlsplit(url)
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        """Connects with the first request."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close."""
        self._close()

    def send(self, request: Request) -> Response:
        """Send a request and return its response; never raises for what the other side does."""
        fresh = self._socket is None
        try:
            return self._exchange(request)
        except (OSError, http.client.HTTPException) as error:
            self._close()
            if fresh or isinstance(error, TimeoutError):
                return Response(status=0, failure=type(error).__name__)
        # A kept connection may have ended between two requests, which says nothing of this one.
        try:
            return self._exchange(request)
        except (OSError, http.client.HTTPException) as error:
            self._close()
            return Response(status=0, failure=type(error).__name__)

    def _exchange(self, request: Request) -> Response:
        if self._socket is None:
            self._socket = socket.create_connection((self._at.hostname, self._at.port), timeout=SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request.bytes(self._at.netloc))
            if request.raw is not None:
                self._socket.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before it was read to its end: the answer may be there
        method = "GET" if request.raw is not None else request.method.decode("latin-1")
        response = http.client.HTTPResponse(self._socket, method=method)
        try:
            response.begin()
            body = response.read()
        finally:
            response.close()
        headers: dict[str, list[str]] = {}
        for name, value in response.getheaders():
            headers.setdefault(name.lower(), []).append(value)
        if response.will_close or request.raw is not None:
            self._close()
        return Response(status=response.status, headers=headers, body=body)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
