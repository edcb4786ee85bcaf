"""`python -m tools.local`, which is `make local`: in the foreground until Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from types import FrameType

from tools.errors import CommandError
from tools.local.credentials import CLIENT_KEY
from tools.local.stack import LocalStack, from_environment
from tools.progress import Progress


class _Stop(BaseException):
    """Somebody wants us to end. A BaseException: no `except Exception` on the way may swallow it."""


_hurry = threading.Event()


def _stop_once(number: int, frame: FrameType | None) -> None:
    del number, frame
    # The way out must not be left half-way, however often somebody asks for it: only the waiting ends.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, frame: _hurry.set())
    raise _Stop


def main() -> int:
    """Start, say what there is, wait, stop. 1 if it could not start."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stop_once)
    progress = Progress()
    try:
        with from_environment(os.environ, progress, _hurry) as stack:
            _describe(stack, progress)
            signal.pause()
    except _Stop:
        pass
    except CommandError as trouble:
        progress.console.print(str(trouble), style="red", markup=False, soft_wrap=True)
        return 1
    return 0


def _describe(stack: LocalStack, progress: Progress) -> None:
    routes = [route for route in stack.template.routes if route.function in stack.deployed.resources]
    progress.endpoints(routes, stack.upstreams)
    say = progress.console.out
    say(f"client key: {CLIENT_KEY}")
    say(f"events:     {_without_password(stack.event_store)}")
    say(f"ledger:     {stack.sandbox_url}/_sandbox/ledger")
    say(f"local AWS:  {stack.aws.url}")
    say(f"logs:       {stack.places.logs}")
    if stack.url.startswith("https"):
        say(f"authority:  {stack.places.certificate} (NODE_EXTRA_CA_CERTS)")
    if stack.network_url != stack.url:
        say(f"network:    {stack.network_url}")
    say(f"ready: {stack.url}")
    sys.stdout.flush()


def _without_password(url: str) -> str:
    return re.sub(r"(?<=:)[^:/@]+(?=@)", "…", url)


if __name__ == "__main__":
    sys.exit(main())
