"""`bin/trackgate tail`: follows the log, and prints a line whenever something became of an event."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tools.errors import CommandError
from tools.operator import duration
from tools.operator.command import on_stack
from tools.operator.function_log.source import function_log
from tools.operator.life import words
from tools.operator.life.life import Outcome
from tools.operator.output import note, out, print_json
from tools.operator.stack import Stack
from tools.operator.tail.news import News, news

AsLines = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]


@on_stack
def tail(
    stack: Stack,
    system: Annotated[list[str] | None, typer.Option(help="Only this system; may be repeated.")] = None,
    outcome: Annotated[
        list[Outcome] | None,
        typer.Option(metavar="queued", help=f"Only this outcome; may be repeated: {', '.join(Outcome)}."),
    ] = None,
    since: Annotated[str, typer.Option(help="How far back to start: 10m, 2h.")] = "0s",
    follow: Annotated[bool, typer.Option(help="Keep going until Ctrl-C.")] = True,
    json: AsLines = False,
) -> None:
    """Follow events: one line each time one is delivered, queued, retried, rejected or given up."""
    chosen, wanted = set(stack.chosen(system or []) if system else ()), set(outcome or ())
    begin = time.time() - duration.seconds(since)
    log = function_log(stack)
    if follow and not json:
        note(f"Following {stack.name}. Press Ctrl-C to stop.")
    try:
        for fields in log.followed(begin, time.sleep) if follow else log.written(begin):
            told = news(fields)
            if told and (not chosen or told.system in chosen) and (not wanted or told.outcome in wanted):
                _print(told, json=json)
    except KeyboardInterrupt:
        return
    except FileNotFoundError as error:
        raise CommandError(f"{error.filename} is gone: has the local run's folder been deleted?") from error


def _print(told: News, *, json: bool) -> None:
    if json:
        print_json(told.data())
        return
    out.print(told.text(), style=words.color(told.outcome), markup=False, soft_wrap=True)
