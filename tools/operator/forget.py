"""`trackgate forget`: a person's events and what points at them, removed wherever the gateway keeps any."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tools.operator import people, tombstones
from tools.operator.command import on_stack
from tools.operator.forget_answers import forget_answers
from tools.operator.forget_letters import forget_letters
from tools.operator.forget_objects import forget_objects
from tools.operator.removal import Removal
from tools.operator.screen import note, out
from tools.operator.stack import Stack
from tools.operator.vendors import ASK


@on_stack
def forget(
    stack: Stack,
    system: Annotated[list[str], typer.Option("--system", help="May be repeated.")],
    user: Annotated[str, typer.Option(help="Their id, as the app sends it: a player, instance, profile, …")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a person, by one of their ids, from the event store, the dead letters and the records.

    A tombstone keeps what is in the queues from being delivered. Run it for each id that they have.
    """
    person = people.checked(user)
    systems = stack.chosen(system)
    if not dry_run and not yes:
        typer.confirm(f"Remove {person} from {', '.join(systems)} for good?", abort=True)
    for each in systems:
        removal = Removal()
        if not dry_run:
            # First: from now on nothing of theirs becomes a dead letter that was not one.
            tombstones.put(stack.client("dynamodb"), stack.records(each), each, person, time.time())
            removal.count("tombstone, for what is in the queue (30 days)")
        forget_letters(stack, each, person, removal, dry_run=dry_run)
        forget_answers(stack, each, person, removal, dry_run=dry_run)
        if each == "track":
            _forget_events(stack, person, removal, dry_run=dry_run)
        _show(each, removal, dry_run=dry_run)


def _forget_events(stack: Stack, person: str, removal: Removal, *, dry_run: bool) -> None:
    if bucket := stack.outputs.get("TrackBucketName"):
        forget_objects(stack, bucket, person, removal, dry_run=dry_run)
        return
    from tools.operator.forget_rows import forget_rows  # here, as SQLAlchemy takes its time

    forget_rows(stack, person, removal, dry_run=dry_run)


def _show(system: str, removal: Removal, *, dry_run: bool) -> None:
    table = Table(system, "would be removed" if dry_run else "removed", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for where, number in removal.removed.items():
        table.add_row(Text(where), "set" if where.startswith("tombstone") else str(number))
    out.print(table)
    for what in removal.left:
        note(f"- {what}", "yellow")
    note(
        "- Other idempotency records are hashes of keys, and answers without this id: one may hold another id"
    )
    note("  of theirs, so run this for each. They expire in 28 days at most.")
    note("- Logs name events, not people; they expire by LogRetentionDays.")
    if system in ASK:
        note(f"- The vendor must be asked. {ASK[system]}")
    out.print()
