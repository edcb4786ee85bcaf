"""What `make local` prints when the API answers: where everything is, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.local.credentials import CLIENT_KEY
from tools.local.stack import LocalStack
from tools.masks import without_password
from tools.systems.local_store import local_stores


def lines(stack: LocalStack, entrance: str) -> Iterator[str]:
    """The lines. Others read `console: http://…` and `ready: http://…`, which come last.

    `entrance`: the console's address.
    """
    yield ""
    yield from _systems(stack)
    yield "Every path: docs/endpoints.md, or the API reference in the console."
    yield ""
    yield f"local AWS:  {stack.aws.url}"
    yield f"ledger:     {stack.sandbox_url}/_sandbox/ledger"
    yield f"logs:       {_near(stack.places.logs)}"
    if stack.url.startswith("https"):
        yield f"authority:  {_near(stack.places.certificate)} (NODE_EXTRA_CA_CERTS)"
    if stack.network_url != stack.url:
        yield f"network:    {stack.network_url}"
    yield f"client key: {CLIENT_KEY}"
    yield ""
    yield "Open the console to send a first event. Ctrl-C stops everything."
    yield f"console: {entrance}"
    yield f"ready: {stack.url}"


def _systems(stack: LocalStack) -> Iterator[str]:
    """A table of the systems that are on: how many paths each has, and where its events go."""
    stores = {system: stack.stores[store.VARIABLE] for system, store in local_stores().items()}
    targets = {**stack.upstreams, **stores}
    paths: dict[str, set[str]] = {}
    for route in stack.template.routes:
        if route.function in stack.deployed.resources and route.system in targets:
            paths.setdefault(route.system, set()).add(route.path)
    width = max(map(len, [*paths, "system"]))
    yield f"{'system':<{width}}  paths  sends to"
    for system in sorted(paths):
        yield f"{system:<{width}}  {len(paths[system]):>5}  {_shown(targets[system])}"


def _shown(url: str) -> str:
    """A URL without its password; a file's is relative to the working directory if it is below."""
    scheme, separator, path = url.partition(":///")
    if separator and path.startswith("/"):
        return f"{scheme}{separator}{_near(Path(path))}"
    return without_password(url)


def _near(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
