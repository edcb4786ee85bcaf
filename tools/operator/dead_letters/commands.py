"""`bin/trackgate deadletters`: list them, show one, send them again, drop them."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tools.failures.aws import Failures, explained
from tools.masks import Masks
from tools.operator import duration, stack_masks
from tools.operator.command import on_stack
from tools.operator.dead_letters import actions
from tools.operator.dead_letters.listing import data, details, details_table, listing, summary
from tools.operator.dead_letters.queue import VISIBILITY_SECONDS, Pace, ReceivedLetter
from tools.operator.dead_letters.selection import Found, Selection, dead_letter_queue, find
from tools.operator.output import AsJson, note, notes, out, print_json
from tools.operator.stack import Stack

app = typer.Typer(no_args_is_help=True, help="List, redrive or drop events that could not be delivered.")

Ids = Annotated[list[str] | None, typer.Argument(help="Event ids; all if none is given.", show_default=False)]
Systems = Annotated[list[str] | None, typer.Option("--system", help="Only this system; may be repeated.")]
Endpoint = Annotated[str | None, typer.Option(help="Only this endpoint, e.g. new_session.")]
Error = Annotated[
    str | None, typer.Option(help="Only with this text in the reason, or this status from the vendor.")
]
Older = Annotated[
    float | None, typer.Option(parser=duration.seconds, metavar="2h", help="Only those older than this.")
]
Newer = Annotated[
    float | None, typer.Option(parser=duration.seconds, metavar="2h", help="Only those newer than this.")
]


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.01 <= number <= 1000:  # also rejects nan, which typer's own ranges accept
        raise typer.BadParameter("0.01 to 1000")
    return number


Rate = Annotated[float, typer.Option(parser=_rate, metavar="20", help="Maximum number sent per second.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


@app.command("list")
@on_stack
def list_(
    stack: Stack,
    system: Systems = None,
    endpoint: Endpoint = None,
    error: Error = None,
    older: Older = None,
    newer: Newer = None,
    limit: Annotated[int, typer.Option(help="How many to list individually.", min=0)] = 20,
    json: AsJson = False,
) -> None:
    """Count dead letters by system, endpoint and error, and list the newest. Shows no personal data."""
    selection = Selection(endpoint=endpoint, error=error, older=older, newer=newer)
    found = find(stack, stack.chosen(system or []), selection)
    newest = sorted(found.all, key=lambda received: -received.dead_since)
    if json:
        for received in newest:
            print_json(data(received))
    elif newest:
        out.print(summary(newest))
        if limit > 0:
            out.print()
            out.print(listing(newest[:limit]))
        if len(newest) > limit > 0:
            note(f"… and {len(newest) - limit} older ones (--limit, --json)")
    else:
        note("No dead letters.")
    _report_hidden(found.hidden)


@app.command()
@on_stack
def show(
    stack: Stack,
    id: Annotated[str, typer.Argument(help="An event id.", show_default=False)],
    system: Systems = None,
    body: Annotated[
        bool,
        typer.Option(
            "--body", help="Also show the message and the vendor's answer, which are personal data."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Show a dead letter: which event it is, and why it was given up."""
    selection = Selection(ids=frozenset({id}))
    found = find(stack, stack.chosen(system or []), selection)
    masks = _masks(stack) if body and found.all else Masks()
    for received in found.all:
        shown = masks.data(details(received, body=body))
        if json:
            print_json(shown)
        else:
            out.print(details_table(shown, body=body))
    _report_hidden(found.hidden)
    _fail_if(_missing(selection, found))


@app.command()
@on_stack
def redrive(
    stack: Stack,
    id: Ids = None,
    system: Systems = None,
    endpoint: Endpoint = None,
    error: Error = None,
    older: Older = None,
    newer: Newer = None,
    rate: Rate = 20,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Send dead letters again: each returns unchanged to its system's queue, for another 24 hours."""
    selection = Selection(ids=frozenset(id or ()), endpoint=endpoint, error=error, older=older, newer=newer)
    found = find(stack, stack.chosen(system or []), selection)
    missing = _missing(selection, found)
    now = time.time()
    expired = [received for received in found.all if received.is_expired(now)]
    usable = Found(
        by_system={
            name: [received for received in letters if not received.is_expired(now)]
            for name, letters in found.by_system.items()
        },
        hidden=found.hidden,
    )
    if uncertain := sum(received.may_have_arrived for received in usable.all):
        note(
            f"{uncertain} may already have arrived: redriving can make the vendor count them twice.", "yellow"
        )
    if expired:
        note(f"{len(expired)} have expired by their contract and stay; `drop` removes them.")
    if _confirmed("Send again", usable, dry_run=dry_run, yes=yes, json=json):
        _process(stack, usable, Pace(rate), metric="Redriven")
    _fail_if(missing)


@app.command()
@on_stack
def drop(
    stack: Stack,
    id: Ids = None,
    system: Systems = None,
    endpoint: Endpoint = None,
    error: Error = None,
    older: Older = None,
    newer: Newer = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Delete dead letters for good; the app may send the events again. Counted as OperatorDropped."""
    selection = Selection(ids=frozenset(id or ()), endpoint=endpoint, error=error, older=older, newer=newer)
    found = find(stack, stack.chosen(system or []), selection)
    missing = _missing(selection, found)
    if _confirmed("Delete", found, dry_run=dry_run, yes=yes, json=json):
        _process(stack, found, None, metric="OperatorDropped")
    _fail_if(missing)


def _masks(stack: Stack) -> Masks:
    """Not every operator who may read events may read secrets."""
    masks = Masks()
    try:
        stack_masks.learn(masks, stack)
    except Failures as error:
        note(f"Vendors' credentials are not hidden: {explained(error, local=stack.local)}", "yellow")
    return masks


def _missing(selection: Selection, found: Found) -> bool:
    """Whether some ids match no dead letter that could be read; reported before anything is done."""
    seen = {name for received in found.all for name in (received.id, received.message_id)}
    missing = sorted(selection.ids - seen)
    for id in missing:
        note(f"No dead letter has the id {id}: `bin/trackgate trace` shows what became of an event", "red")
    return bool(missing)


def _fail_if(missing: bool) -> None:
    """A script must learn of an id that was not found, although the others were processed."""
    if missing:
        raise typer.Exit(1)


def _confirmed(action: str, found: Found, *, dry_run: bool, yes: bool, json: bool) -> bool:
    """Show what is about to happen, and ask."""
    letters = found.all
    _report_hidden(found.hidden)
    if not letters:
        note("Nothing to do.")
        return False
    if json:
        for received in letters:
            print_json(data(received))
    else:
        out.print(summary(letters))
    if dry_run:
        note(f"Dry run: nothing was changed ({_counted(letters)}).")
        return False
    systems = ", ".join(name for name, each in found.by_system.items() if each)
    return yes or typer.confirm(f"{action} {_counted(letters)} of {systems}?", abort=True)


def _counted(letters: list[ReceivedLetter]) -> str:
    return "1 dead letter" if len(letters) == 1 else f"{len(letters)} dead letters"


def _process(stack: Stack, selected: Found, pace: Pace | None, *, metric: str) -> None:
    """Redrive (with a pace) or drop the selected dead letters, and none that has come since."""
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bar, console=notes) as progress:
        for system, letters in selected.by_system.items():
            wanted = {received.message_id for received in letters}
            task = progress.add_task(system, total=len(wanted), visible=bool(wanted))
            done = 0
            try:
                with dead_letter_queue(stack, system) as queue:
                    for received in queue if wanted else ():
                        if received.message_id not in wanted:
                            continue
                        if pace is None:
                            actions.discard(stack, queue, received)
                        else:
                            pace.wait()
                            actions.redrive(stack, queue, received)
                        done += 1
                        wanted.remove(received.message_id)
                        progress.advance(task)
                        if not wanted:
                            break
            finally:
                actions.count(stack, system, metric, done)
                if letters:
                    missed = f", {len(wanted)} not reached" if wanted else ""
                    note(f"{system}: {done} of {len(letters)}{missed}")


def _report_hidden(hidden: int) -> None:
    if hidden:
        minutes = VISIBILITY_SECONDS // 60
        note(f"About {hidden} more are in use by another command, for at most {minutes} minutes.")
