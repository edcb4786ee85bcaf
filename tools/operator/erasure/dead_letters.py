"""A person's dead letters: deleted, or shortened where a batch also holds other people's events."""

from __future__ import annotations

from dataclasses import replace

from gateway.delivery.erasure import without
from tools.operator.dead_letters.actions import discard
from tools.operator.dead_letters.selection import dead_letter_queue
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Subject, subject_fields
from tools.operator.stack import Stack
from tools.operator.systems import known

LETTERS = "dead_letters"
SHORTENED = "shortened_dead_letters"
RECORDS = "records"


def erase_dead_letters(
    stack: Stack, system: str, subject: Subject, removal: Removal, *, dry_run: bool
) -> None:
    """Remove them, and the idempotency records that they name."""
    fields = subject_fields(system)
    removal.count(LETTERS, 0)
    sqs, dead_letters = stack.client("sqs"), stack.dead_letters(system)
    with dead_letter_queue(stack, system) as queue:
        for received in queue:
            task = received.letter.task_of(known(system).payload)
            if task is None:
                if subject.mentioned(received.letter.message):
                    removal.leave(
                        f"Dead letter {received.id} cannot be parsed and may concern this person: "
                        "inspect it, then drop it"
                    )
                continue
            left = without(task, fields, subject.named)
            if left is task:
                continue
            removal.count(LETTERS if left is None else SHORTENED)
            if dry_run:
                continue
            if left is None:
                removal.count(RECORDS, int(discard(stack, queue, received)))
            else:
                # As in a redrive, the new one is sent before the old one is deleted. The vendor's answer may
                # name the person, so it is left out.
                shorter = replace(received.letter, message=left.dumps(), body=None)
                sqs.send_message(QueueUrl=dead_letters, MessageBody=shorter.dumps())
                queue.drop(received)
        if hidden := queue.hidden:
            removal.leave(
                f"About {hidden} dead letters are in use by another command: run this again afterwards"
            )
