"""An https address of the deployed local API, and the published clients that call it there."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clients.chromium import Browser
from tests.clients.node import Node
from tests.clients.published import Published
from tools.local.front.certificate import throwaway_certificate
from tools.local.front.server import Front
from tools.local.ports import free_port
from tools.local.rest_api import STAGE
from tools.local.stack import LocalStack

HERE = Path(__file__).parent
INSTANCE = "my-instance"
_IN_MINISTACK = f"{STAGE}/_user_request_"


@dataclass(frozen=True)
class Secure:
    """An https address of the API. `stage` is empty, or what stands before every path."""

    stack: LocalStack
    modules: Path
    port: int
    authority: Path
    stage: str
    running: ExitStack
    """Ends what the clients were started in."""
    _started: dict[str, Node] = field(default_factory=dict)

    def host(self, client: Published) -> str:
        """What a client is given as host."""
        name = "trackgate.localhost" if client.puts_the_instance_before_the_host else "localhost"
        return f"{name}:{self.port}{self.stage}"

    def perform(
        self, client: Published, calls: Sequence[Any], key: str | None = None, browser: Browser | None = None
    ) -> list[Any]:
        """Let a client make calls; each outcome is its `value`, or the `error` that its caller sees.

        A call is `{"endpoint", "data"}`, or `{"endpoint", "form"}` with the fields of a multipart form.
        """
        asked = {
            "family": client.family,
            "instance": INSTANCE,
            "host": self.host(client),
            "key": key,
            "calls": list(calls),
        }
        if client.runtime == "Node.js":
            outcomes = self._in_node(client, asked)
        else:
            assert browser is not None
            outcomes = _in_a_page(browser, client, self.modules, asked)
        assert isinstance(outcomes, list), outcomes
        return outcomes

    def _in_node(self, client: Published, asked: dict[str, Any]) -> Any:
        if client.package not in self._started:
            host = self.host(client)
            found = {
                "NODE_EXTRA_CA_CERTS": str(self.authority),
                "SYNCANO_HOST": host,
                "SPACE_HOST": host,
            }
            node = Node(self.modules, client.package, found)
            self._started[client.package] = self.running.enter_context(node)
        return self._started[client.package].perform(asked)

    def resources(self) -> list[str]:
        """The routes that were called so far, as the functions log them."""
        lines = self.stack.places.function_lines.read_text().splitlines()
        logged = [json.loads(line) for line in lines if line.startswith("{")]
        return [line["resource"] for line in logged if "resource" in line]


def _in_a_page(browser: Browser, client: Published, modules: Path, asked: dict[str, Any]) -> Any:
    made = "Syncano" if client.family == "connection" else "SyncanoClient"
    files = {
        "client.js": Path(modules, client.package, client.bundle).read_bytes(),
        "perform.js": (HERE / "perform.js").read_bytes(),
        "page.js": (HERE / "page.js").read_bytes(),
        "asked.json": json.dumps(asked | {"global": made}).encode(),
    }
    return browser.visit(["client.js", "perform.js", "page.js"], files)


@contextmanager
def https(stack: LocalStack, modules: Path, folder: Path, *, staged: bool = False) -> Iterator[Secure]:
    """What `TLS=1` puts before the API; `staged`: as on AWS without a domain, where the stage stays."""
    api = f"{stack.aws.url}/restapis/{stack.deployed.resources['Api']}"
    authority, port = folder / "ca.pem", free_port()
    target = api if staged else f"{api}/{_IN_MINISTACK}"
    context = throwaway_certificate("localhost", authority)
    with Front(target, port=port, context=context, key=stack.aws.key), ExitStack() as running:
        yield Secure(stack, modules, port, authority, f"/{_IN_MINISTACK}" if staged else "", running)
