"""`python -m tools.local`, which is `make local`: runs in the foreground until Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from types import FrameType

from rich.console import Console

from tools.console.console import console
from tools.errors import CommandError
from tools.local.credentials import CLIENT_KEY
from tools.local.settings import from_environment
from tools.local.stack import LocalStack
from tools.masks import without_password
from tools.progress import Progress
from tools.template.reader import Route


class _Stop(BaseException):
    """A signal asks the run to end. A BaseException, so that no `except Exception` swallows it."""


_hurry = threading.Event()


def _stop_once(number: int, frame: FrameType | None) -> None:
    del number, frame
    # Further signals must not interrupt the shutdown: they only end its waiting.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, frame: _hurry.set())
    raise _Stop


def main() -> int:
    """Start, print the addresses, wait, stop; 1 if it could not start."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stop_once)
    progress = Progress()
    try:
        with from_environment(os.environ, progress, _hurry) as stack, console(stack) as access:
            _describe(stack, access.entrance, progress)
            signal.pause()
    except _Stop:
        pass
    except CommandError as error:
        progress.console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    return 0


def _describe(stack: LocalStack, entrance: str, progress: Progress) -> None:
    routes = [route for route in stack.template.routes if route.function in stack.deployed.resources]
    _print_endpoints(progress.console, routes, stack.upstreams)
    say = progress.console.out
    say(f"client key: {CLIENT_KEY}")
    say(f"events:     {without_password(stack.event_store)}")
    say(f"ledger:     {stack.sandbox_url}/_sandbox/ledger")
    say(f"local AWS:  {stack.aws.url}")
    say(f"logs:       {stack.places.logs}")
    if stack.url.startswith("https"):
        say(f"authority:  {stack.places.certificate} (NODE_EXTRA_CA_CERTS)")
    if stack.network_url != stack.url:
        say(f"network:    {stack.network_url}")
    say(f"console: {entrance}")
    say(f"ready: {stack.url}")
    sys.stdout.flush()


def _print_endpoints(console: Console, routes: Iterable[Route], upstreams: Mapping[str, str]) -> None:
    """The API's endpoints with their paths, and each system's upstream."""
    rows = [(route.endpoint, route.path) for route in routes]
    width = max((len(endpoint) for endpoint, _ in rows), default=0)
    previous = ""
    console.print()
    for endpoint, path in [("endpoint", "path"), *rows]:
        # Not a table of rich's, which would wrap the paths: they are there to be copied.
        line = f"{'' if endpoint == previous else endpoint:<{width}}   {path}"
        console.print(line, soft_wrap=True, markup=False, style=None if previous else "bold")
        previous = endpoint
    console.print()
    for system, url in upstreams.items():
        console.print(f"{system} is at {url}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
