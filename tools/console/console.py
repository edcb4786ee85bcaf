"""The console of a running local stack: what `make local` starts last and ends first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import unquote

from gateway import __version__
from tools.console.access import Access
from tools.console.api import Desk
from tools.console.app import application
from tools.console.collector import Collector
from tools.console.facts import Facts
from tools.console.follow import Follower
from tools.console.rates import Rates
from tools.console.ring import Ring
from tools.console.server import Serving
from tools.console.state import State
from tools.console.stream import Latest, Stream
from tools.console.upstream import Upstreams
from tools.console.watcher import Watcher
from tools.local.credentials import CLIENT_KEY
from tools.local.deploy import STACK
from tools.local.ports import refused
from tools.local.stack import LocalStack
from tools.masks import Masks, password
from tools.operator.stack import Stack
from tools.sandbox.client import Sandbox
from tools.sandbox.rules import TAKES_EFFECT


@contextmanager
def console(stack: LocalStack) -> Iterator[Access]:
    """Serve the console of `stack` on the port reserved for it, for the length of the block.

    Raises CommandError if something has taken the port meanwhile.
    """
    assert stack.console_port is not None  # noqa: S101 - who wants a console has asked for its port
    access = Access(stack.console_port)
    ring, rates, masks = Ring(), Rates(), Masks(CLIENT_KEY)
    own = (access.token, access.session, stack.aws.key, *_passwords(stack.stores.values()))
    state = State(operated(stack), masks, own)

    def look_again() -> None:
        for request in ring.requests():
            masks.learn(request.headers, str(request.start["target"]))

    latest: dict[str, Latest] = {
        "state": lambda: watcher.latest,
        "rates": lambda: rates.data(time.time()),
    }
    stream = Stream(ring, masks, latest)
    watcher = Watcher(
        state, is_watched=lambda: stream.readers > 0, has_new_keys=look_again, publish=stream.publish
    )
    lines = Follower(stack.places.function_lines)
    collector = Collector(ring, rates, masks, lines, stream.publish)
    told = facts(stack)
    sandbox = Sandbox(stack.sandbox_url)
    desk = Desk(
        facts=told,
        ring=ring,
        rates=rates,
        masks=masks,
        stream=stream,
        collector=collector,
        upstreams=Upstreams(sandbox, filter(told.sandboxed, told.upstreams), stack.stores),
        state=state,
        sandbox=sandbox,
    )
    app = application(access, told, desk.routes(), collector.own_call)
    with ExitStack() as running:
        running.enter_context(watcher)
        running.enter_context(collector)
        stack.front.listeners.append(collector.heard)
        running.callback(stack.front.listeners.remove, collector.heard)
        try:
            running.enter_context(Serving(app, access.port, log=stack.places.logs / "console.log"))
        except OSError as error:
            raise refused(error, access.port, "CONSOLE_PORT") from error
        running.callback(stream.close)
        yield access


def operated(stack: LocalStack) -> Stack:
    """A local stack as the operator's commands see it."""
    return Stack(
        name=STACK,
        client=stack.client,
        outputs=stack.deployed.outputs,
        parameters=stack.parameters,
        local=True,
    )


def _passwords(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        yield password(url)
        yield unquote(password(url))


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
