"""Connections whose every read and write ends with the exchange that uses them.

The timeouts of requests restart with every byte, so a vendor that drips bytes could hold a function forever.
Here each read and each write waits for what is left of the exchange, and the next one for what is left then.
"""

import socket
import ssl
import time
from functools import cache, partial
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection
from urllib3.util.ssl_ import create_urllib3_context

CONNECT_SECONDS = 1.0


class Exchange:
    """The exchange under way: when it must have ended, and whether its request has begun to leave."""

    end: float
    sent: bool

    def begin(self, seconds: float) -> None:
        """A new one, which may take `seconds`."""
        self.end = time.monotonic() + seconds
        self.sent = False

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self.end

    @property
    def left(self) -> float:
        """Seconds until its end. Raises TimeoutError when its time is over."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


@cache
def _trust() -> ssl.SSLContext:
    """The process's one TLS context: to read the certificates of all authorities takes longer than a call."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = _TlsSocket
    return context


def pool(scheme: str, host: str, port: int | None, exchange: Exchange) -> HTTPConnectionPool:
    """A pool of one connection, whose sockets are bound by the exchange under way."""
    if scheme == "http":
        plain = HTTPConnectionPool(host, port, maxsize=1)
        plain.ConnectionCls = partial(_Connection, exchange=exchange)  # type: ignore[assignment]
        return plain
    tls = HTTPSConnectionPool(host, port, maxsize=1, ssl_context=_trust())
    tls.ConnectionCls = partial(_TlsConnection, exchange=exchange)  # type: ignore[assignment]
    return tls


class _Socket(socket.socket):
    """A socket whose reads and writes end with the exchange; CPython bounds each of them as a whole."""

    exchange: Exchange

    def recv_into(self, *args: Any) -> int:
        self.settimeout(self.exchange.left)
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        self.settimeout(self.exchange.left)
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self.settimeout(self.exchange.left)
        super().sendall(*args)


class _TlsSocket(_Socket, ssl.SSLSocket):
    """The same over TLS, where `sendall` is a loop of `send`."""


class _Connection(HTTPConnection):
    """A connection of such a socket, which notes that a request begins to leave."""

    def __init__(self, *args: Any, exchange: Exchange, **kwargs: Any) -> None:
        self._exchange = exchange
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        opened = _Socket(fileno=_opened(self).detach())
        opened.exchange = self._exchange
        # What the TLS handshake may take.
        opened.settimeout(min(CONNECT_SECONDS, self._exchange.left))
        return opened

    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, _Socket)  # noqa: S101 - it is ours, or wrapped by our TLS context
        self.sock.exchange = self._exchange

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._pieces: list[bytes] = []
        super().request(*args, **kwargs)
        if self.sock is None:
            self.connect()
        self._exchange.sent = True
        # urllib3 would write head and body one after the other: two packets, and more CPU than our own code.
        whole = b"".join(self._pieces)
        self._pieces.clear()
        super().send(whole)

    def send(self, data: Any) -> None:
        self._pieces.append(data)


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


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
