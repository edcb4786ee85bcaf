"""What MyTracker's tests share: asking an endpoint, client keys that are asked for, the strict setting."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import UpstreamError
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.endpoint import Endpoint
from tests.conftest import environment, http_request

OK = Reply(status=200, headers={"content-type": "application/json"}, body='{"message": "ОK"}'.encode())  # noqa: RUF001 - as the document has it

type Asked = tuple[dict[str, Any], HttpRequest | None]


@pytest.fixture
def ask(event: Any, upstream: Any) -> Callable[..., Asked]:
    """Sends an endpoint's sample event, with parts replaced; gives its answer and what MyTracker was told."""

    def ask(handler: Endpoint[Any, Any], *, outcome: Reply | UpstreamError = OK, **parts: Any) -> Asked:
        tasks = upstream.answers(handler, outcome).tasks
        before = len(tasks)
        answer = handler(event(f"mytracker/{handler.name}", **parts))
        return answer, http_request(tasks[-1]) if len(tasks) > before else None

    return ask


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Endpoint[Any, Any]], None]:
    """Makes an endpoint ask for the sample events' key, which may use the idApps 666 and 667."""

    def keyed(handler: Endpoint[Any, Any]) -> None:
        system = handler.system
        settings = system.settings.model_copy(update={"client_keys": "required"})
        known = {
            "id": "k1",
            # `printf local-client-key | sha256sum`
            "sha256": "ae9233373b1217fe4590745bcd15d61063a844045b9d99d671f7ee1755f33242",
            "allows": ["666", "667"],
        }
        monkeypatch.setattr(system.secret, "client_keys", lambda *, look_again=False: [known])
        monkeypatch.setattr(handler, "system", replace(system, settings=settings))

    return keyed


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Imports an endpoint as a function with `STRICT=true` would; gives its handler."""
    for name, value in {**environment("mytracker"), "STRICT": "true"}.items():
        monkeypatch.setenv(name, value)
    for name in [name for name in sys.modules if name.partition(".")[0] == "mytracker"]:
        monkeypatch.delitem(sys.modules, name)
    yield lambda name: importlib.import_module(f"mytracker.{name}").handler
    # What was imported so must not meet the other tests' modules.
    for name in [name for name in sys.modules if name.partition(".")[0] == "mytracker"]:
        del sys.modules[name]
