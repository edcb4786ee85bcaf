"""Who may use a run's console: the token in its address, and the cookie that a browser gets for it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""The names under which a browser on this machine may call the console."""

TOKEN_BYTES = 24
"""At random; the line with the address fits into 80 columns."""


@dataclass(frozen=True)
class Access:
    """The secrets of one run's console on `port`: both are made anew at each start.

    The token opens the page once and then disappears from the browser's address bar. The cookie's value is
    another secret, so that an address that was copied, shown or logged does not hold what a browser sends.
    """

    port: int
    token: str = field(default_factory=partial(secrets.token_urlsafe, TOKEN_BYTES), repr=False)
    session: str = field(default_factory=secrets.token_urlsafe, repr=False)

    @property
    def url(self) -> str:
        """The console's address, without the token: `http://127.0.0.1:4020`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def entrance(self) -> str:
        """The address to open: `http://127.0.0.1:4020/?token=…`."""
        return f"{self.url}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """The cookie's name. Browsers send cookies to every port of a host, so each port has its own."""
        return f"trackgate-console-{self.port}"

    @property
    def set_cookie(self) -> str:
        """The value of `Set-Cookie` for who knows the token."""
        return f"{self.cookie}={self.session}; HttpOnly; SameSite=Strict; Path=/"

    @property
    def hosts(self) -> tuple[bytes, ...]:
        """The values of `Host` that are ours."""
        return tuple(f"{host}:{self.port}".encode() for host in HOSTS)

    def opens(self, token: str) -> bool:
        """Whether it is the run's token."""
        return hmac.compare_digest(self.token.encode(), token.encode())

    def knows(self, cookies: Iterable[bytes]) -> bool:
        """Whether one of the `Cookie` headers holds the run's session."""
        return any(
            hmac.compare_digest(self.session.encode(), value.encode())
            for header in cookies
            for value in _values(header.decode("latin-1"), self.cookie)
        )


def _values(header: str, name: str) -> Iterator[str]:
    """All of that name. Other servers of this machine set cookies for every port, in whatever form they like,
    at which `http.cookies` would stop reading; some may even have our name."""
    for pair in header.split(";"):
        found, _, value = pair.partition("=")
        if found.strip() == name:
            yield value.strip()
