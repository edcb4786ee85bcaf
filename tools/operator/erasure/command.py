"""`trackgate forget`: a person's events and what points at them, removed wherever the gateway keeps any."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from tools.operator.command import on_stack
from tools.operator.erasure import aws_clock, subject, tombstones
from tools.operator.erasure.answers import forget_answers
from tools.operator.erasure.dead_letters import forget_letters
from tools.operator.erasure.objects import forget_objects
from tools.operator.erasure.report import TEXTS, Removal
from tools.operator.erasure.subject import Person
from tools.operator.output import AsJson, note, out, print_json, table
from tools.operator.stack import Stack
from tools.operator.vendors import ASK


@on_stack
def forget(
    stack: Stack,
    system: Annotated[list[str], typer.Option("--system", help="May be repeated.")],
    user: Annotated[str, typer.Option(help="Their id, as the app sends it: a player, instance, profile, …")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: AsJson = False,
) -> None:
    """Remove a person, by one of their ids, from the event store, the dead letters and the records.

    A tombstone keeps what is in the queues from being delivered. Run it for each id that they have.
    """
    found = {each: subject.person(each, user) for each in stack.chosen(system)}
    if not dry_run and not yes:
        typer.confirm(f"Remove {user} from {', '.join(found)} for good?", abort=True)
    removals = {each: Removal() for each in found}
    if not dry_run:
        # First: what is removed below must not be followed by what still waited in a queue.
        now = aws_clock.moment(stack.client("sqs"), stack.dead_letters(system[0]))
        for each, person in found.items():
            for id in person.ids:
                tombstones.put(stack.client("dynamodb"), stack.records(each), each, id, now)
                removals[each].count("tombstones")
        tombstones.wait_until_read()
    for each, person in found.items():
        removal = removals[each]
        forget_letters(stack, each, person, removal, dry_run=dry_run)
        forget_answers(stack, each, person, removal, dry_run=dry_run)
        if each == "track":
            _forget_events(stack, person, removal, dry_run=dry_run)
        if json:
            print_json(
                {
                    "system": each,
                    "ids": list(person.ids),
                    "dry_run": dry_run,
                    "removed": removal.removed,
                    "left": removal.left,
                }
            )
        else:
            _show(each, person, removal, dry_run=dry_run)


def _forget_events(stack: Stack, person: Person, removal: Removal, *, dry_run: bool) -> None:
    if bucket := stack.outputs.get("TrackBucketName"):
        forget_objects(stack, bucket, person, removal, dry_run=dry_run)
        return
    from tools.operator.erasure.rows import forget_rows  # here, as SQLAlchemy takes its time

    forget_rows(stack, person, removal, dry_run=dry_run)


def _show(system: str, person: Person, removal: Removal, *, dry_run: bool) -> None:
    numbers = "would be removed" if dry_run else "removed"
    shown = table(system, numbers, right=[numbers])
    for where, number in removal.removed.items():
        name = TEXTS.get(where, where.replace("_", " "))
        shown.add_row(Text(name), "set" if where == "tombstones" else str(number))
    out.print(shown)
    if person.columns:
        looked_for = " and ".join(f"{name} {value}" for name, value in sorted(person.columns.items()))
        note(f"- Looked for {looked_for}.")
    if not removal.found:
        note("- Nothing was found for this id. Is it written as the app sends it?", "yellow")
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
