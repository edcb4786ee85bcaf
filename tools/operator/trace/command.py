"""`bin/trackgate trace`: finds an event's log lines, and prints its life."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tools.operator.command import on_stack
from tools.operator.function_log.source import FunctionLog, function_log
from tools.operator.life.items import SHARED
from tools.operator.life.life import Life, Outcome, received_at
from tools.operator.life.telling import life_of
from tools.operator.output import AsJson, notes, out, print_json
from tools.operator.stack import Stack
from tools.operator.trace.bodies import Sent, sent_requests
from tools.operator.trace.listing import data, heading, listing
from tools.operator.trace.record import RecordState, record_state

EARLY_SECONDS = 60.0
"""How much earlier than the id says a line may be: clocks differ."""

SOON_SECONDS = 3600.0
"""Most events are settled by then; only for the others is the log of the time since read."""

NOT_FOUND, NOT_SETTLED = 3, 4
"""Exit statuses."""


@on_stack
def trace(
    stack: Stack,
    event_id: Annotated[str, typer.Argument(help="The Gateway-Event-Id that the app received.")],
    json: AsJson = False,
) -> None:
    """Show the life of an event or a batch: receipt, checks, every try, waits, its end, and what to do.

    In a local run, it also shows the requests sent. Exits with 0 if the event is settled, 3 if no log line
    names it, 4 if it or an item of the batch is still on its way.
    """
    event_id = event_id.strip().upper()
    try:
        received = received_at(event_id)
    except ValueError as error:
        raise typer.BadParameter(
            f"{event_id} is not an event id: 26 characters, as in 01M7XW7VRZ…"
        ) from error
    with notes.status(f"Reading the log of {stack.name}"):
        log = function_log(stack)
        life = _life(stack, log, event_id, received)
        sent = sent_requests(stack, life) if stack.local else {}
        record = record_state(stack, life) if stack.local else None
    if json:
        print_json(data(life, sent, record))
    else:
        _print(life, sent, record)
    if not life.is_settled:
        raise typer.Exit(NOT_FOUND if life.outcome is Outcome.UNKNOWN else NOT_SETTLED)


def _life(stack: Stack, log: FunctionLog, event_id: str, received: float) -> Life:
    """From the lines of the event, of its batch and of the batch's other items: their ids begin alike."""
    since, soon = received - EARLY_SECONDS, received + SOON_SECONDS
    lines = list(log.matching(event_id[:SHARED], since, soon))
    life = life_of(event_id, lines, option=stack.option)
    # A dead letter may have been sent again.
    outcomes = {life.outcome, *(item.outcome for item in life.items)}
    if soon < time.time() and (not life.is_settled or Outcome.DEAD_LETTER in outcomes):
        lines += log.matching(event_id[:SHARED], soon)
        life = life_of(event_id, lines, option=stack.option)
    return life


def _print(life: Life, sent: dict[int, Sent], record: RecordState | None) -> None:
    out.print(heading(life), markup=False, soft_wrap=True)
    if life.steps:
        out.print(listing(life, sent))
    if record:
        out.print(record.text(), markup=False, soft_wrap=True)
    out.print(life.advice, markup=False, soft_wrap=True)
