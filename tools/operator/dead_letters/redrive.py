"""A dead letter sent again: to its system's queue as it was, with all of its tries before it."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tools.errors import CommandError
from tools.operator.dead_letters.queue import DeadLetterQueue, ReceivedLetter
from tools.operator.idempotency_records import allow_new_tries
from tools.operator.stack import Stack


def redrive(stack: Stack, opened: DeadLetterQueue, held: ReceivedLetter) -> None:
    """Queue a letter's event again. Raises Trouble, and then the letter stays."""
    call = held.letter.task
    if call is not None and call.key and stack.has_records(held.system):
        # First: a worker that received it with its tries used up would make it a dead letter unsent.
        try:
            allow_new_tries(stack, held.system, call)
        except (ClientError, BotoCoreError) as error:
            raise CommandError(f"Letter {held.id} stays, as its record cannot be changed: {error}") from error
    opened.redrive(held)
