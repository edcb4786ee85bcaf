"""`bin/trackgate backlog`: a row per system, with when its queue will be empty."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tools.operator.command import on_stack
from tools.operator.drain.listing import advice, assumed, data, listing
from tools.operator.drain.reading import read_draining
from tools.operator.output import AsJson, note, notes, out, print_json
from tools.operator.stack import Stack


@on_stack
def backlog(
    stack: Stack,
    system: Annotated[list[str] | None, typer.Option(help="Only this system; may be repeated.")] = None,
    seconds: Annotated[
        int, typer.Option(min=1, max=3600, help="Seconds between two readings of a queue without metrics.")
    ] = 10,
    json: AsJson = False,
) -> None:
    """Show what each system has queued, how fast the queue drains, and when it will be empty.

    The rate comes from CloudWatch's last minutes, or from two readings. Counts are approximate.
    """
    with notes.status(f"Reading {stack.name}"):
        found = list(read_draining(stack, stack.chosen(system or []), seconds=seconds, wait=time.sleep))
    now = time.time()
    if json:
        for each in found:
            print_json(data(each, now))
        return
    out.print(listing(found, now))
    for said in (*advice(found), assumed(found)):
        if said:
            note(said)
