"""`trackgate deadletters`: list them, show one, send them again, drop them."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tools.operator import duration
from tools.operator.command import on_stack
from tools.operator.dead_letters.details import details, shown
from tools.operator.dead_letters.discard import discard
from tools.operator.dead_letters.listing import box, data, found, listing, summary
from tools.operator.dead_letters.metrics import tally
from tools.operator.dead_letters.queue import HOLD_SECONDS, Pace, ReceivedLetter, ids
from tools.operator.dead_letters.redrive import redrive as send_again
from tools.operator.dead_letters.selection import Choice
from tools.operator.output import AsJson, note, notes, out, print_json
from tools.operator.stack import Stack

app = typer.Typer(no_args_is_help=True, help="Events that were given up, each with its reason.")

Ids = Annotated[list[str] | None, typer.Argument(help="Event ids; none for all.", show_default=False)]
Systems = Annotated[list[str] | None, typer.Option("--system", help="Of this system; may be repeated.")]
Endpoint = Annotated[str | None, typer.Option(help="Of this endpoint: new_session.")]
Error = Annotated[str | None, typer.Option(help="With this in its reason, or this status of the upstream's.")]
Older = Annotated[float | None, typer.Option(parser=duration.seconds, metavar="2h", help="Dead for longer.")]
Newer = Annotated[float | None, typer.Option(parser=duration.seconds, metavar="2h", help="Dead for less.")]


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.01 <= number <= 1000:  # also for nan, with which a range of typer's agrees
        raise typer.BadParameter("0.01 to 1000")
    return number


Rate = Annotated[float, typer.Option(parser=_rate, metavar="20", help="Letters a second at most.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("list")
@on_stack
def list_(
    stack: Stack,
    system: Systems = None,
    endpoint: Endpoint = None,
    error: Error = None,
    older: Older = None,
    newer: Newer = None,
    limit: Annotated[int, typer.Option(help="Letters that are listed one by one.", min=0)] = 20,
    json: AsJson = False,
) -> None:
    """Count dead letters by system, endpoint and error, and list the newest. Nobody's data is shown."""
    choice = Choice(endpoint=endpoint, error=error, older=older, newer=newer)
    letters, hidden = found(stack, stack.chosen(system or []), choice)
    chosen = sorted((held for each in letters.values() for held in each), key=lambda held: -held.buried_at)
    if json:
        for held in chosen:
            print_json(data(held))
    elif chosen:
        out.print(summary(chosen))
        if limit > 0:
            out.print()
            out.print(listing(chosen[:limit]))
        if len(chosen) > limit > 0:
            note(f"… and {len(chosen) - limit} older ones (--limit, --json)")
    else:
        note("No dead letters.")
    _tell_of_hidden(hidden)


@app.command()
@on_stack
def show(
    stack: Stack,
    id: Annotated[str, typer.Argument(help="An event id.", show_default=False)],
    system: Systems = None,
    body: Annotated[
        bool, typer.Option("--body", help="Also what was to be sent, and the answer: personal data.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show a dead letter: what it was, why it was given up."""
    letters, hidden = found(stack, stack.chosen(system or []), Choice(ids=frozenset({id})))
    for held in (held for each in letters.values() for held in each):
        if json:
            print_json(details(held, body=body))
        else:
            out.print(shown(held, body=body))
    _tell_of_hidden(hidden)
    _end_for(_missing(frozenset({id}), letters))


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
    """Send dead letters again: each to its system's queue as it was, with a new day to be delivered in."""
    choice = Choice(ids=frozenset(id or ()), endpoint=endpoint, error=error, older=older, newer=newer)
    letters, hidden = found(stack, stack.chosen(system or []), choice)
    missing = _missing(choice.ids, letters)
    now = time.time()
    useless = [held for each in letters.values() for held in each if held.is_of_no_use(now)]
    chosen = {name: [held for held in each if not held.is_of_no_use(now)] for name, each in letters.items()}
    if unknown := sum(held.may_have_arrived for each in chosen.values() for held in each):
        note(f"{unknown} may already have arrived: redriving can make the vendor count them twice.", "yellow")
    if useless:
        note(f"{len(useless)} are of no use any more by their contract, and stay; `drop` removes them.")
    if _go_on("Send again", chosen, hidden, dry_run=dry_run, yes=yes, json=json):
        _each(stack, chosen, Pace(rate), name="Redriven")
    _end_for(missing)


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
    """Delete dead letters for good: the app may send them again. Counted in the metric OperatorDropped."""
    choice = Choice(ids=frozenset(id or ()), endpoint=endpoint, error=error, older=older, newer=newer)
    letters, hidden = found(stack, stack.chosen(system or []), choice)
    missing = _missing(choice.ids, letters)
    if _go_on("Delete", letters, hidden, dry_run=dry_run, yes=yes, json=json):
        _each(stack, letters, None, name="OperatorDropped")
    _end_for(missing)


def _missing(ids: frozenset[str], letters: dict[str, list[ReceivedLetter]]) -> bool:
    """Whether there are ids that no letter has which was looked at; said before anything is done."""
    seen = {name for each in letters.values() for held in each for name in (held.id, held.message_id)}
    missing = sorted(ids - seen)
    for id in missing:
        note(f"No dead letter has the id {id}", "red")
    return bool(missing)


def _end_for(missing: bool) -> None:
    """A script must hear of an id that was not there, though the others were dealt with."""
    if missing:
        raise typer.Exit(1)


def _go_on(
    what: str, chosen: dict[str, list[ReceivedLetter]], hidden: int, *, dry_run: bool, yes: bool, json: bool
) -> bool:
    """Say what is about to happen, and ask."""
    letters = [held for each in chosen.values() for held in each]
    _tell_of_hidden(hidden)
    if not letters:
        note("Nothing to do.")
        return False
    if json:
        for held in letters:
            print_json(data(held))
    else:
        out.print(summary(letters))
    if dry_run:
        note(f"Dry run: {len(letters)} letters stay where they are.")
        return False
    return yes or typer.confirm(f"{what} {len(letters)} letters of {_names(chosen)}?", abort=True)


def _names(chosen: dict[str, list[ReceivedLetter]]) -> str:
    """`onesignal, trax`: the systems that have letters."""
    return ", ".join(name for name, each in chosen.items() if each)


def _each(stack: Stack, chosen: dict[str, list[ReceivedLetter]], pace: Pace | None, *, name: str) -> None:
    """Redrive (with a pace) or drop the letters that were chosen, and no letter that was buried since."""
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bar, console=notes) as progress:
        for system, letters in chosen.items():
            wanted = ids(letters)
            task = progress.add_task(system, total=len(wanted), visible=bool(wanted))
            done = 0
            try:
                with box(stack, system) as opened:
                    for held in opened if wanted else ():
                        if held.message_id not in wanted:
                            continue
                        if pace is None:
                            discard(stack, opened, held)
                        else:
                            pace.wait()
                            send_again(stack, opened, held)
                        done += 1
                        wanted.remove(held.message_id)
                        progress.advance(task)
                        if not wanted:
                            break
            finally:
                tally(stack, system, name, done)
                if letters:
                    missed = f", {len(wanted)} not reached" if wanted else ""
                    note(f"{system}: {done} of {len(letters)}{missed}")


def _tell_of_hidden(hidden: int) -> None:
    if hidden:
        note(f"About {hidden} more are held by another command, for {HOLD_SECONDS // 60} minutes at most.")
