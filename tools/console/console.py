"""The console of a running local stack: what `make local` starts last and ends first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from gateway import __version__
from tools.console.access import Access
from tools.console.app import application
from tools.console.facts import Facts
from tools.console.server import Serving
from tools.errors import CommandError
from tools.local.credentials import CLIENT_KEY
from tools.local.stack import LocalStack
from tools.sandbox.rules import TAKES_EFFECT


@contextmanager
def console(stack: LocalStack) -> Iterator[Access]:
    """Serve the console of `stack` on the port reserved for it, for the length of the block.

    Raises CommandError if the port has been taken meanwhile.
    """
    assert stack.console_port is not None  # noqa: S101 - who wants a console has asked for its port
    access = Access(stack.console_port)
    serving = Serving(application(access, facts(stack)), access.port, log=stack.places.logs / "console.log")
    with ExitStack() as running:
        try:
            running.enter_context(serving)
        except OSError as error:
            raise CommandError(f"port {access.port} has been taken meanwhile: {error.strerror}") from error
        yield access


def facts(stack: LocalStack) -> Facts:
    """What the page must know of a running stack."""
    deployed = stack.deployed.resources
    return Facts(
        version=__version__,
        api=stack.url,
        sandbox=stack.sandbox_url,
        key=CLIENT_KEY,
        upstreams=stack.upstreams,
        routes=tuple(
            route for route in stack.template.routes if route.function in deployed and not route.is_door
        ),
        faults=tuple(TAKES_EFFECT),
        authority=stack.places.certificate if stack.url.startswith("https:") else None,
    )
