"""One HTTP exchange within a deadline: the only place where the gateway talks to the outside."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError

from gateway import __version__
from gateway.core.clock import passed
from gateway.core.errors import TimedOut, Transient
from gateway.core.reply import Reply
from gateway.outbound.connection import CONNECT_SECONDS, Exchange, pool

MAX_ANSWER = 1024 * 1024
IDLE_SECONDS = 20.0
"""A frozen function's sockets are dead when it thaws: a connection idle for longer is not used again."""


class HttpClient:
    """Kept-alive connections to one host. Threads may share it: each exchange has a line to itself."""

    def __init__(self) -> None:
        """No connection is made yet."""
        self._idle: list[_Line] = []

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        auth: AuthBase | None = None,
    ) -> Reply:
        """Send, follow no redirect, and read the whole answer within `seconds`.

        Only the look-up of the host's name cannot be cut short: it takes what the system's resolver takes.

        Raises Transient: `unreachable` (nothing was sent), `timeout`, `reset`, `truncated`, `too large`.
        """
        try:
            line = self._idle.pop()  # the one that was used last: its connection is the freshest
        except IndexError:
            line = _Line()
        try:
            return line.exchange(method, url, headers=headers, body=body, seconds=seconds, auth=auth)
        finally:
            self._idle.append(line)


class _Line(HTTPAdapter):
    """requests' adapter over one kept-alive connection, for one exchange at a time.

    No session of requests stands around it: that would follow redirects, read their bodies whole, keep a
    vendor's cookie for the next user's call, and look for settings in the environment.
    """

    def __init__(self) -> None:
        self._exchange = Exchange()
        self._pools: dict[tuple[str, str], HTTPConnectionPool] = {}
        self._used_at = passed()
        super().__init__()

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        auth: AuthBase | None,
    ) -> Reply:
        """See HttpClient.send."""
        if passed() - self._used_at > IDLE_SECONDS:
            self.close()
        self._exchange.begin(seconds)
        try:
            request = _prepared(method, url, headers, body, auth)
            with self.send(
                request, stream=True, timeout=(min(CONNECT_SECONDS, seconds), seconds)
            ) as response:
                return Reply(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.raw.headers.itermerged()},
                    body=_capped(response),
                )
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            self.close()
            raise self._meaning(error) from error
        finally:
            self._used_at = passed()

    def _meaning(self, error: Exception) -> Transient:
        sent = self._exchange.sent  # TLS may fail later than in the handshake
        if not sent and (
            isinstance(error, requests.ConnectTimeout) or _caused_by(error, NewConnectionError, TlsError)
        ):
            return Transient("unreachable")
        if self._exchange.expired or isinstance(error, requests.ReadTimeout):
            return TimedOut(may_have_arrived=sent)
        if isinstance(
            error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError
        ):
            return Transient("truncated", may_have_arrived=True)
        return Transient("reset", may_have_arrived=sent)

    def close(self) -> None:
        """Close the connections; the next exchange opens its own."""
        for kept in self._pools.values():
            kept.close()
        self._pools.clear()

    def get_connection_with_tls_context(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> Any:
        """Called by requests: the pool, of one connection, for the host of a URL."""
        url = urlsplit(str(request.url))
        if url[:2] not in self._pools:
            self._pools[url[:2]] = pool(url.scheme, url.hostname or "", url.port, self._exchange)
        return self._pools[url[:2]]

    def request_url(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> str:
        """Called by requests, which would look for a proxy, too."""
        return request.path_url

    def build_response(self, request: requests.PreparedRequest, received: Any) -> requests.Response:
        """Called by requests, which would look for cookies and for a text's encoding, too."""
        response = requests.Response()
        response.status_code = received.status
        response.raw, response.request = received, request
        return response

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Called by requests, whose pools would make a TLS context per connection."""

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Called by requests before each exchange; `pool` has seen to it."""


def _prepared(
    method: str, url: str, headers: Mapping[str, str], body: bytes, auth: AuthBase | None
) -> requests.PreparedRequest:
    """The request without cookies and hooks, which `Request.prepare` would add."""
    scheme, host, path, query, _ = urlsplit(url)
    request = requests.PreparedRequest()
    request.prepare_method(method)
    request.url = f"{_origin(scheme, host)}{path or '/'}" + (f"?{query}" if query else "")
    request.prepare_headers(
        {"User-Agent": f"Trackgate/{__version__}", "Accept-Encoding": "identity", **headers}
    )
    request.prepare_body(body, None)
    if auth is not None or "@" in url:  # `https://user:password@host` signs, too
        request.prepare_auth(auth)
    return request


@cache
def _origin(scheme: str, host: str) -> str:
    """The beginning of a URL as requests writes it: a host of any language in IDNA.

    The rest was encoded when it was made; requests would take it apart and encode it anew for every call.
    """
    request = requests.PreparedRequest()
    request.prepare_url(urlunsplit((scheme, host, "", "", "")), None)
    return str(request.url).removesuffix("/")


def _capped(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(16 * 1024):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise Transient("too large", may_have_arrived=True)
    return bytes(body)


def _caused_by(error: BaseException | None, *kinds: type[BaseException]) -> bool:
    """requests wraps urllib3's errors, which keep theirs in `reason` or the context."""
    while error is not None:
        if isinstance(error, kinds):
            return True
        inner: Any = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        error = getattr(error, "reason", None) or inner or error.__cause__
        if not isinstance(error, BaseException):
            return False
    return False
