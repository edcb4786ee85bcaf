"""One HTTP exchange within a deadline: the only place where the gateway talks to the outside.

The timeouts of requests restart with every byte, so a vendor that drips bytes could hold a function forever.
Here a watchdog closes the connection at the deadline, whatever the step.
"""

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError
from urllib3.util.connection import allowed_gai_family, create_connection

from gateway import __version__
from gateway.core.clock import passed
from gateway.core.errors import TimedOut, Transient
from gateway.core.reply import Reply

MAX_ANSWER = 1024 * 1024
CONNECT_SECONDS = 1.0
IDLE_SECONDS = 20.0
"""A frozen function's sockets are dead when it thaws: a connection idle for longer is not used again."""


class HttpClient:
    """Kept-alive sessions towards one host. Threads may share it: each exchange has a session to itself."""

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
            return line.send(method, url, headers=headers, body=body, seconds=seconds, auth=auth)
        finally:
            self._idle.append(line)


class _Line:
    """One kept-alive session, for one exchange at a time."""

    def __init__(self) -> None:
        self._session = _Session()
        self._session.trust_env = False  # no netrc, no proxies, and half the CPU a call
        self._session.headers.clear()
        self._connection = _Current()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter(self._connection))
        self._used_at = passed()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        auth: AuthBase | None,
    ) -> Reply:
        """See HttpClient."""
        if passed() - self._used_at > IDLE_SECONDS:
            self._session.close()
        watchdog = threading.Timer(seconds, self._connection.expire, [self._connection.clear()])
        watchdog.daemon = True
        watchdog.start()
        try:
            response = self._session.request(
                method,
                url,
                data=body,
                headers={"User-Agent": f"Trackgate/{__version__}", "Accept-Encoding": "identity", **headers},
                auth=auth,
                timeout=(min(CONNECT_SECONDS, seconds), seconds),
                allow_redirects=False,
                stream=True,
            )
            with response:
                reply = Reply(
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=_capped(response),
                )
            if self._connection.expired:  # an answer without a length ends where the watchdog cut it
                raise TimedOut(may_have_arrived=True)
            return reply
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            self._session.close()
            raise self._meaning(error) from error
        finally:
            watchdog.cancel()
            self._used_at = passed()

    def _meaning(self, error: Exception) -> Transient:
        if isinstance(error, requests.ConnectTimeout) or _caused_by(error, NewConnectionError, TlsError):
            return Transient("unreachable")
        if self._connection.expired or isinstance(error, requests.ReadTimeout):
            return TimedOut(may_have_arrived=self._connection.sent)
        if isinstance(
            error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError
        ):
            return Transient("truncated", may_have_arrived=True)
        return Transient("reset", may_have_arrived=self._connection.sent)


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


class _Session(requests.Session):
    """A session that follows nothing and remembers nothing.

    Even where redirects are not followed, requests would read such an answer whole, without a limit, to know
    where it leads; and a vendor's cookie for one user would go out with the next one's call.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""
        del resp


class _Current:
    """The connection that is in use, so that the watchdog can close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._generation = 0
        self.clear()

    def clear(self) -> int:
        """Forget the last exchange; the number tells its late watchdog from this one's."""
        with self._lock:
            self._generation += 1
            self._socket: socket.socket | None = None
            self.sent = False
            self.expired = False
            return self._generation

    def using(self, opened: socket.socket | None) -> None:
        with self._lock:
            self._socket = opened
            self.sent = True
            if self.expired:
                self._close()

    def expire(self, generation: int) -> None:
        with self._lock:
            if generation == self._generation:
                self.expired = True
                self._close()

    def _close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _opened(connection: HTTPConnection) -> socket.socket:
    """A socket to the first of a name's addresses that answers, within the connection's timeout.

    urllib3 would take that long for each. Half of what is left goes to one address, all to the last.
    """
    assert isinstance(connection.timeout, float)  # noqa: S101 - `send` gives one
    end = time.monotonic() + connection.timeout
    port: int = connection.port
    try:
        found = socket.getaddrinfo(connection.host, port, allowed_gai_family(), socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    why: OSError | None = None
    for number, address in enumerate(addresses, 1):
        left = max(0.02, end - time.monotonic())
        try:
            return create_connection(
                (address, port),
                left if number == len(addresses) else left / 2,
                socket_options=connection.socket_options,
            )
        except OSError as error:
            why = error
    raise NewConnectionError(connection, f"no address answers: {why}") from why


class _Adapter(HTTPAdapter):
    """requests' adapter over connections that report their socket before the first byte of a request."""

    def __init__(self, current: _Current) -> None:
        self._current = current
        super().__init__(pool_connections=2, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_: Any) -> None:
        """Called by requests; gives the pools our connection classes."""
        current = self._current

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _opened(self)

            def putrequest(self, *args: Any, **kwargs: Any) -> None:
                if self.sock is None:
                    self.connect()
                current.using(self.sock)
                super().putrequest(*args, **kwargs)

        class Tls(Plain, HTTPSConnection):
            """The same over TLS."""

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block)
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}
