"""`trackgate status`: a row per system, with what hurts."""

from __future__ import annotations

import time

from tools.operator.command import on_stack
from tools.operator.output import AsJson, note, notes, out, print_json
from tools.operator.stack import Stack
from tools.operator.status.listing import data, listing, pace
from tools.operator.status.system_status import read_status


@on_stack
def status(stack: Stack, json: AsJson = False) -> None:
    """Show what each system holds, queues and has given up, and what hurts.

    Counts are SQS's, and approximate. What is in flight is being delivered, or waits for its next attempt.
    """
    with notes.status(f"Reading {stack.name}"):
        found = [read_status(stack, system) for system in stack.chosen([])]
    now = time.time()
    if json:
        for each in found:
            print_json(data(each, now, stack.option))
        return
    out.print(listing(found, now, stack.option))
    for each in found:
        if each.rate:
            note(pace(each, each.rate))
