"""`python -m tools.send <system>/<endpoint>`, which is `make send EVENT=<system>/<endpoint>`."""

from __future__ import annotations

import argparse
import os
import time

from tools.errors import CommandError
from tools.masks import without_password
from tools.sandbox.client import Entry
from tools.send import http1, sample
from tools.send.running import Running
from tools.send.screen import Screen
from tools.send.upstream import Ledger
from tools.systems.local_store import local_stores
from tools.template.reader import Template
from tools.terminal import Terminal


def main() -> int:
    """Send and show; 1 if there was nothing to send, or no response."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.send", description="Send a sample event through a running `make local`."
    )
    parser.add_argument("event", help="a sample event: <system>/<endpoint>")
    event = parser.parse_args().event
    console = Terminal(highlight=False)
    try:
        request = sample.load(event)
        running = Running.found(os.environ)
    except (sample.UnknownEvent, CommandError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    return show(request, event.partition("/")[0], running, console)


def show(request: http1.Request, system: str, running: Running, console: Terminal) -> int:
    """Send a request of one system through a local run; print the app's call and the gateway's."""
    template = Template.read()
    sandbox = running.sandbox(system, template)
    started = time.monotonic()
    try:
        ledger = Ledger(sandbox) if sandbox else None
        started = time.monotonic()
        sent, response = http1.send(request, running.url, running.authority)
    except OSError as error:
        console.print(
            f"Nothing answers at {running.url} ({error}): start `make local` in another terminal. "
            "If it runs elsewhere, set PORT=, HOST=, TLS= and STATE= as for `make local`.",
            style="red",
            markup=False,
            soft_wrap=True,
        )
        return 1
    milliseconds = (time.monotonic() - started) * 1000

    screen = Screen(console)
    screen.title(f"app ⇄ gateway: {running.url}, {milliseconds:.0f} ms")
    screen.request(sent)
    screen.response(response)
    if ledger is not None:
        screen.title(f"gateway ⇄ {system}: {running.upstream(system, template)}")
        _show_received(screen, ledger.received(system))
    elif store := local_stores().get(system):
        url = running.store(store.VARIABLE, template)
        screen.title(f"gateway ⇄ store: {without_password(url)}")
        screen.row(store.row(url, dict(response.headers).get("Gateway-Event-Id", "")))
    elif upstream := running.upstream(system, template):
        screen.title(f"gateway ⇄ {system}: {upstream}")
        screen.note("This is not the sandbox, so what it received is not recorded here.")
    return 0


def _show_received(screen: Screen, entries: list[Entry]) -> None:
    for entry in entries:
        screen.entry(entry)
    if not entries:
        screen.note("Nothing was sent.")


if __name__ == "__main__":
    raise SystemExit(main())
