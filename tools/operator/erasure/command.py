"""`bin/trackgate forget`: removes one person's events, and what refers to them, from everywhere."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from tools.operator.command import on_stack
from tools.operator.erasure import tombstones
from tools.operator.erasure.answers import erase_answers
from tools.operator.erasure.dead_letters import erase_dead_letters
from tools.operator.erasure.identities import erase_identities
from tools.operator.erasure.report import LABELS, Removal
from tools.operator.erasure.subject import Subject, events, subject
from tools.operator.output import AsJson, note, out, print_json, table
from tools.operator.stack import Stack
from tools.systems.registry import profile


@on_stack
def forget(
    stack: Stack,
    system: Annotated[list[str], typer.Option("--system", help="The system; may be repeated.")],
    user: Annotated[
        str, typer.Option(help="The person's id, as the app sends it: a player, instance, profile, …")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    json: AsJson = False,
) -> None:
    """Erase a person, by one of their ids, from the event store, dead letters and idempotency records.

    A tombstone keeps queued events from being delivered. Run it once for each id of the person.
    """
    subjects = {each: subject(each, user) for each in stack.chosen(system)}
    if not dry_run and not yes:
        typer.confirm(f"Remove {user} from {', '.join(subjects)} for good?", abort=True)
    removals = {each: Removal() for each in subjects}
    if not dry_run:
        # First, so that no queued event is delivered after what is removed below.
        now = tombstones.aws_now(stack.client("sqs"), stack.dead_letters(system[0]))
        for each, person in subjects.items():
            for id in person.ids:
                tombstones.put(stack.client("dynamodb"), stack.records(each), each, id, now)
                removals[each].count("tombstones")
        tombstones.wait_until_read()
    for each, person in subjects.items():
        removal = removals[each]
        erase_dead_letters(stack, each, person, removal, dry_run=dry_run)
        erase_answers(stack, each, person, removal, dry_run=dry_run)
        erase_identities(stack, each, person, removal, dry_run=dry_run)
        if own := events(each):
            own.erase(stack, person, removal, dry_run=dry_run)
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


def _show(system: str, person: Subject, removal: Removal, *, dry_run: bool) -> None:
    numbers = "would be removed" if dry_run else "removed"
    shown = table(system, numbers, right=[numbers])
    for where, number in removal.removed.items():
        name = LABELS.get(where, where.replace("_", " "))
        shown.add_row(Text(name), "set" if where == "tombstones" else str(number))
    out.print(shown)
    if person.columns:
        searched = " and ".join(f"{name} {value}" for name, value in sorted(person.columns.items()))
        note(f"- Searched for {searched}.")
    if not removal.found:
        note("- Nothing was found for this id. Is it written as the app sends it?", "yellow")
    for what in removal.left:
        note(f"- {what}", "yellow")
    note("- Other idempotency records hold hashes of keys, and responses without this id. A response may")
    note("  contain another id of the same person, so run this for each id. They expire within 28 days.")
    note("- Logs contain event ids, not people; they expire after LogRetentionDays.")
    if profile(system).vendor is not None:
        note(f"- The vendor must be asked as well. {profile(system).erasure_at_vendor}".rstrip())
    out.print()
