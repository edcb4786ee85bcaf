"""What a command does with one dead letter: send it again or delete it, with its idempotency record."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tools.errors import CommandError
from tools.operator.dead_letters.queue import DeadLetterQueue, ReceivedLetter
from tools.operator.idempotency_records import allow_new_tries, delete_if
from tools.operator.output import note
from tools.operator.stack import Stack


def redrive(stack: Stack, queue: DeadLetterQueue, received: ReceivedLetter) -> None:
    """Queue a dead letter's event again. Raises CommandError; the dead letter then stays."""
    task = received.letter.task
    if task is not None and task.key and stack.has_records(received.system):
        # First: a worker that received it with its tries used up would make it a dead letter unsent.
        try:
            allow_new_tries(stack, received.system, task)
        except (ClientError, BotoCoreError) as error:
            raise CommandError(
                f"Dead letter {received.id} stays: its idempotency record cannot be changed: {error}"
            ) from error
    queue.redrive(received)


def discard(stack: Stack, queue: DeadLetterQueue, received: ReceivedLetter) -> bool:
    """Delete a dead letter and its idempotency record; whether it had one.

    Raises CommandError; the dead letter then stays.
    """
    # The record first. If this is interrupted between the two, the next run finds the dead letter, and a
    # request that the app repeats is sent. In the other order the record would report `queued` for 28 days
    # for an event that no queue holds, and nobody could tell which record that is.
    try:
        deleted = _delete_record(stack, received)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(
            f"Dead letter {received.id} stays: its idempotency record cannot be deleted: {error}"
        ) from error
    queue.drop(received)
    return deleted


def _delete_record(stack: Stack, received: ReceivedLetter) -> bool:
    """Only a record of this very request: a dead letter given up for `key reused` names another's."""
    task = received.letter.task
    if task is None or not task.key or not stack.has_records(received.system):
        return False
    return delete_if(stack, received.system, task.key, state="queued", fingerprint=task.fingerprint)


def count(stack: Stack, system: str, metric: str, number: int) -> None:
    """Add to a system's CloudWatch metric. A failure is only reported, as the work itself is done."""
    if number == 0:
        return
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": "system", "Value": system}],
        "Value": number,
        "Unit": "Count",
    }
    try:
        stack.client("cloudwatch").put_metric_data(Namespace=stack.metrics, MetricData=[datum])
    except (ClientError, BotoCoreError) as error:
        note(f"{number} {system} events are missing from the metric {metric}: {error}", "yellow")
