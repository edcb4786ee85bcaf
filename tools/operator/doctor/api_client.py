"""The doctor's HTTP client: sends paths and headers exactly as given, and follows no redirects."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from tools.masks import Masks

SECONDS = 20.0
"""Timeout of a call: longer than a cold start, shorter than API Gateway's 29 seconds."""

AGENT = ("User-Agent", "trackgate-doctor")
"""Some firewalls refuse requests without one."""

Headers = Sequence[tuple[str, str]]

NoAnswer = (OSError, http.client.HTTPException)
"""What `ApiClient.ask` raises."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def summary(self) -> str:
        """Status and start of the body: `404 {"message":"Not found"}`."""
        # What answers instead of the API may quote the request, and with it the client key.
        text = Masks().text(self.body.decode(errors="replace"))
        return f"{self.status} {text[:80].strip()}".rstrip()

    @property
    def from_function(self) -> bool:
        """Whether one of the gateway's functions responded, not something in front of it."""
        return "gateway-event-id" in self.headers or "gateway-error" in self.headers


class ApiClient:
    """Calls the API at `https://<id>.execute-api.<region>.amazonaws.com/live`, or at a domain."""

    def __init__(self, url: str, *, authority: str | None = None) -> None:
        """`authority`: a file of certificates to trust instead of the machine's own."""
        self.url = url.rstrip("/")
        self._at = urlsplit(self.url)
        self._authority = authority

    def ask(self, method: str, path: str, headers: Headers = (), body: bytes = b"") -> Answer:
        """One request on a connection of its own. Raises OSError, http.client.HTTPException."""
        connection = self._connection()
        try:
            target = self._at.path + path
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (AGENT, *headers):
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            # A body that is refused before all of it is read may still get a response.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.endheaders(body or None)
            answered = connection.getresponse()
            return Answer(
                status=answered.status,
                headers={name.lower(): value for name, value in answered.getheaders()},
                body=answered.read(65536),
            )
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._at.hostname or "", self._at.port
        if self._at.scheme != "https":
            return http.client.HTTPConnection(host, port, timeout=SECONDS)
        context = ssl.create_default_context(cafile=self._authority)
        proxy = _proxy(host)
        if proxy is None:
            return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
        through = http.client.HTTPSConnection(
            proxy.hostname or "", proxy.port, timeout=SECONDS, context=context
        )
        through.set_tunnel(host, port)
        return through


def _proxy(host: str) -> SplitResult | None:
    """The proxy for https that the environment names, as boto3 uses it."""
    found = getproxies().get("https")
    return None if not found or proxy_bypass(host) else urlsplit(found)
