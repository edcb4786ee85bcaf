"""push.express's place at the other end of the wire, and the system as it is while it is strict."""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import pytest

from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from pushexpress.system import pushexpress
from tests.conftest import environment


@dataclass(frozen=True)
class Sent:
    """One request as it would go out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass
class Vendor:
    """What push.express answers to every request, and the requests; `url` is its base."""

    url: str = pushexpress.settings.url
    outcome: Reply | Transient = field(default_factory=lambda: Reply(status=202))
    sent: list[Sent] = field(default_factory=list)

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer so from now on; `content_type="…"` is the header of that name."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.outcome = Reply(status=status, headers=named, body=body)

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Reply:
        """Stands for HttpClient.send."""
        # A busy machine may have taken up to a fifth of a second of them.
        given = ceil(seconds * 5) / 5
        self.sent.append(Sent(method, url.removeprefix(self.url), headers, body, given))
        if isinstance(self.outcome, Transient):
            raise self.outcome
        return self.outcome


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """push.express, with all of the gateway's own code between it and the handler."""
    standing = Vendor()
    monkeypatch.setattr(pushexpress.upstream, "client", standing)
    return standing


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Endpoint[Any, Any]]]:
    """An endpoint's handler as it is imported while STRICT is on: `strict("create_instance")`."""
    lenient = {name: sys.modules[name] for name in list(sys.modules) if name.startswith("pushexpress")}
    for name, value in {**environment("pushexpress"), "STRICT": "true"}.items():
        monkeypatch.setenv(name, value)
    for name in lenient:
        del sys.modules[name]

    def handler(endpoint: str) -> Endpoint[Any, Any]:
        found: Endpoint[Any, Any] = importlib.import_module(f"pushexpress.{endpoint}").handler
        return found

    yield handler
    for name in [name for name in sys.modules if name.startswith("pushexpress")]:
        del sys.modules[name]
    sys.modules.update(lenient)
