"""The deployed local API, asked as a client asks it, with the vendors' ledger beside it."""

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tools.local.stack import LocalStack
from tools.sandbox.client import Entry, Sandbox

BREAKER_SECONDS = 0.1
"""A function's breaker is open for 60 ms at most, at the scale of these runs' waits."""


@dataclass(frozen=True)
class Heard:
    """An answer as it was on the wire; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Api:
    """The deployed local API and what its upstreams were told."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.sandbox = Sandbox(stack.sandbox_url)
        self._at = urlsplit(stack.url)

    def ask(self, method: str, target: str, body: Any = None, headers: Mapping[str, str] = {}) -> Heard:
        """Send one request; a body that is not text or bytes goes as JSON, with that type."""
        sent = dict(headers)
        if body is not None and not isinstance(body, bytes | str):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(self._at.hostname or "", self._at.port, timeout=60)
        try:
            connection.request(method, target, body.encode() if isinstance(body, str) else body, sent)
            response = connection.getresponse()
            heard = {name.lower(): value for name, value in response.getheaders()}
            return Heard(response.status, heard, response.read())
        finally:
            connection.close()

    def told(self, system: str) -> list[Entry]:
        """What an upstream received since the test began."""
        return self.sandbox.ledger(system)


@pytest.fixture
def api(local: LocalStack) -> Iterator[Api]:
    """The API with an empty ledger and upstreams that behave."""
    api = Api(local)
    api.sandbox.reset()
    yield api
    if api.sandbox.faults():
        api.sandbox.clear_faults()
        time.sleep(BREAKER_SECONDS)
