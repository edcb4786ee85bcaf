"""A person's dead letters: removed, and of a batch that is others' too their events alone."""

from __future__ import annotations

from dataclasses import replace

from gateway.delivery.erasure import without
from tools.operator.dead_letters.discard import discard
from tools.operator.dead_letters.listing import box
from tools.operator.erasure import subject
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Person
from tools.operator.stack import Stack

LETTERS = "dead_letters"
SHORTENED = "shortened_dead_letters"
RECORDS = "records"


def forget_letters(stack: Stack, system: str, person: Person, removal: Removal, *, dry_run: bool) -> None:
    """Remove them, and the idempotency records that they name."""
    fields = subject.fields(system)
    removal.count(LETTERS, 0)
    sqs, dead_letters = stack.client("sqs"), stack.dead_letters(system)
    with box(stack, system) as opened:
        for held in opened:
            task = held.letter.task
            if task is None:
                if person.mentioned(held.letter.message):
                    removal.leave(
                        f"Dead letter {held.id} cannot be read, and may be theirs: look, then drop it"
                    )
                continue
            left = without(task, fields, person.named)
            if left == task:
                continue
            removal.count(LETTERS if left is None else SHORTENED)
            if dry_run:
                continue
            if left is None:
                removal.count(RECORDS, int(discard(stack, opened, held)))
            else:
                # As with a redrive: first the new one, then the old one. The upstream's answer may name them.
                shorter = replace(held.letter, message=left.dumps(), body=None)
                sqs.send_message(QueueUrl=dead_letters, MessageBody=shorter.dumps())
                opened.drop(held)
        if hidden := opened.hidden:
            removal.leave(
                f"About {hidden} dead letters are held by another command: run this again afterwards"
            )
