"""`bin/trackgate status`: a row per system, with what hurts."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tools.operator import duration
from tools.operator.command import on_stack
from tools.operator.output import AsJson, note, notes, out, print_json
from tools.operator.stack import Stack
from tools.operator.status.lately import read_traffic
from tools.operator.status.listing import data, listing, pace
from tools.operator.status.system_status import read_status

LONGEST_SECONDS = 15 * 24 * 3600.0


@on_stack
def status(
    stack: Stack,
    since: Annotated[str, typer.Option(help="How far back to count: 15m, 1h, 7d.")] = "1h",
    json: AsJson = False,
) -> None:
    """Show per system what was accepted, delivered and queued, how its vendor responds, and what hurts.

    Queued events and dead letters are SQS's current counts, which are approximate.
    """
    seconds = duration.seconds(since)
    if not 0 < seconds <= LONGEST_SECONDS:
        raise typer.BadParameter("--since is 1s to 15d: CloudWatch keeps minutes for that long")
    with notes.status(f"Reading {stack.name}"):
        systems = stack.chosen([])
        lately = read_traffic(stack, systems, seconds=seconds)
        found = [read_status(stack, system, lately.by_system.get(system)) for system in systems]
    if lately.problem:
        note(lately.problem, "yellow")
    now = time.time()
    if json:
        for each in found:
            print_json(data(each, now, stack.option))
        return
    out.print(listing(found, now, stack.option))
    for each in found:
        if each.rate:
            note(pace(each, each.rate))
