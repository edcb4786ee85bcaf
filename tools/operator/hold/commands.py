"""`bin/trackgate hold` and `bin/trackgate resume`: stop a system's deliveries, and go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import sleep
from typing import Annotated

import typer
from rich.text import Text

from gateway.delivery.hold import FRESH_SECONDS, LONGEST_SECONDS, Hold
from tools.errors import CommandError
from tools.operator import duration, event_sources
from tools.operator.aws_clock import aws_time
from tools.operator.backlog import backlog
from tools.operator.command import on_stack
from tools.operator.hold import item
from tools.operator.hold.meanwhile import Calls, Queued
from tools.operator.moment import iso, minute
from tools.operator.output import AsJson, note, notes, out, print_json, table
from tools.operator.stack import Stack

Systems = Annotated[list[str], typer.Option("--system", help="The system; may be repeated.")]
Length = Annotated[
    float | None,
    typer.Option(
        "--for",
        parser=duration.seconds,
        metavar="4h",
        help="Maximum duration; by default 13d, the longest possible.",
    ),
]


@on_stack
def hold(
    stack: Stack,
    system: Systems,
    length: Length = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    json: AsJson = False,
) -> None:
    """Stop a system's deliveries, without a deployment: its events wait in the queue.

    It first shows what would be refused or lost meanwhile. End the hold with `resume`; run `hold` again to
    extend it.
    """
    systems = list(dict.fromkeys(stack.chosen(system)))
    now = aws_time(stack.client("sqs"), stack.queue(systems[0]))
    found = {each: item.read(stack, each) for each in systems}
    until = {each: _until(each, found[each], now, length) for each in systems}
    for each in systems:
        _announce(stack, each, found[each], now=now, until=until[each])
    if not yes:
        typer.confirm(f"Hold {', '.join(systems)}?", abort=True)
    held = {each: item.begin(stack, each, found[each], now=now, until=until[each]) for each in systems}
    # Then the workers: a function that has not read the item yet would send what they leave in the queue.
    with notes.status("Waiting until every function knows"):
        sleep(FRESH_SECONDS)
    _switch(stack, systems, on=False)
    _show(stack, held, json=json)
    note("A call or batch that was in progress may still send for up to a minute.")


@on_stack
def resume(stack: Stack, system: Systems, json: AsJson = False) -> None:
    """End a hold and deliver what it has queued. Safe to repeat, even after an interruption."""
    systems = list(dict.fromkeys(stack.chosen(system)))
    found = {each: held for each in systems if (held := item.read(stack, each)) is not None}
    for each in systems:
        if each not in found:
            note(f"{each} is not on hold.")
    # In this order no event is queued for a worker that stays off, and no worker that is on lets one wait.
    resuming = {each: item.let_the_worker_deliver(stack, each, held) for each, held in found.items()}
    if resuming:
        with notes.status("Waiting until every worker knows"):
            sleep(FRESH_SECONDS)
    _switch(stack, systems, on=True)
    for each, held in resuming.items():
        item.end(stack, each, held)
    _show(stack, dict.fromkeys(systems), json=json)


def _until(system: str, found: Hold | None, now: float, length: float | None) -> float:
    """When the hold ends, in Unix seconds: never before the one that was found. Raises CommandError."""
    latest = (found.since if found else now) + LONGEST_SECONDS
    until = latest if length is None else now + length
    if until > latest or latest <= now:
        held = (
            f": {system} has been on hold since {minute(found.since)} UTC, so resume it first"
            if found
            else ""
        )
        raise CommandError(f"A hold lasts 13 days at most, because queued events are kept no longer{held}")
    return max(until, found.until) if found else until


def _announce(stack: Stack, system: str, found: Hold | None, *, now: float, until: float) -> None:
    note(system, "bold")
    if found is not None:
        note(f"- has been on hold since {minute(found.since)}, until {minute(found.until)} UTC")
    for sentence in Calls.of(stack, system).said():
        note(f"- {sentence}")
    queued = Queued.of(stack, system)
    for sentence in queued.said():
        note(f"- {sentence}")
    for sentence in queued.lost(now, until):
        note(f"- {sentence}", "yellow")
    note(
        f"- resume it before {minute(until)} UTC, in {duration.spoken(until - now)}: its endpoints send "
        "again after that, but what is queued waits until you do"
    )


def _switch(stack: Stack, systems: Iterable[str], *, on: bool) -> None:
    for system in systems:
        with notes.status(f"{'Enabling' if on else 'Disabling'} {system}'s event source"):
            event_sources.switch(stack, system, on=on)


def _show(stack: Stack, holds: Mapping[str, Hold | None], *, json: bool) -> None:
    shown = table("system", "held until", "event source", "queued", right=["queued"])
    for system, held in holds.items():
        source = event_sources.state(stack, system)
        queued = backlog(stack.client("sqs"), stack.queue(system)).all
        if json:
            print_json(
                {
                    "system": system,
                    "since": held and iso(held.since),
                    "until": held and iso(held.until),
                    "event_source": source,
                    "queued": queued,
                }
            )
        else:
            until = f"{minute(held.until)} UTC" if held else ""
            shown.add_row(*map(Text, (system, until, source, str(queued))))
    if not json:
        out.print(shown)
