"""A dead letter deleted for good, and with it the promise that its idempotency record makes."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tools.errors import CommandError
from tools.operator.dead_letters.queue import DeadLetterQueue, ReceivedLetter
from tools.operator.idempotency_records import delete_if
from tools.operator.stack import Stack


def discard(stack: Stack, opened: DeadLetterQueue, held: ReceivedLetter) -> bool:
    """Delete a letter and its record; whether it had one. Raises Trouble, and then the letter stays."""
    # The record first. Interrupted between the two, the letter is there for the next run, and a repeat of the
    # app's is sent. In the other order the record would go on saying `queued` of what no queue has, for 28
    # days, and nobody could tell any more which record that is.
    try:
        deleted = _delete_record(stack, held)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"Letter {held.id} stays, as its record cannot be deleted: {error}") from error
    opened.drop(held)
    return deleted


def _delete_record(stack: Stack, held: ReceivedLetter) -> bool:
    """Only what still promises this very request: a letter that died of `key reused` names another's."""
    call = held.letter.task
    if call is None or not call.key or not stack.has_records(held.system):
        return False
    return delete_if(stack, held.system, call.key, state="queued", fingerprint=call.fingerprint)
