"""Tombstones: they tell a system's worker not to deliver what is queued about an erased person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import batched
from time import sleep
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from gateway.delivery.erasure import FRESH_SECONDS, KEEP_SECONDS, item_key, mark
from tools.operator.aws_clock import aws_time

SLICE = 50
"""How many are removed at once: a DynamoDB expression has at most 4 KB."""


def aws_now(sqs: Any, queue: str) -> float:
    """The current time by AWS's clock in Unix seconds: events are dated there, and an operator's own clock
    may be minutes off.

    Takes a second, because the `Date` of a response has whole seconds: what was received before the call is
    older than the result, and what is received after the return is younger. `queue`: a queue's URL.
    """
    started = aws_time(sqs, queue)
    sleep(1)
    return started + 1


def put(dynamodb: Any, table: str, system: str, id: str, now: float) -> None:
    """Set one for everything received up to `now`, and remove those that have expired.

    Two operators can do this at once: each writes its own entry of the item.
    """
    item = {"TableName": table, "Key": {"key": {"S": item_key(system)}}}
    before = dynamodb.update_item(
        **item,
        UpdateExpression="SET #people = if_not_exists(#people, :none), #expires = :expires",
        ExpressionAttributeNames={"#people": "people", "#expires": "expires"},
        ExpressionAttributeValues={":none": {"M": {}}, ":expires": {"N": f"{now + KEEP_SECONDS:.0f}"}},
        ReturnValues="ALL_NEW",
    )["Attributes"]["people"]["M"]
    own, limit = mark(system, id), now - KEEP_SECONDS
    over = [name for name, at in before.items() if float(at["N"]) < limit and name != own]
    # The new one first: a failure to remove the others must not keep it from being set.
    try:
        _set(dynamodb, item, own, now)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException" or not over:
            raise
        _remove(dynamodb, item, over, limit)  # the item is full
        _set(dynamodb, item, own, now)
    else:
        _remove(dynamodb, item, over, limit)


def wait_until_read() -> None:
    """Wait until no worker starts a batch with tombstones that it read earlier."""
    sleep(FRESH_SECONDS)


def _set(dynamodb: Any, item: Mapping[str, Any], own: str, now: float) -> None:
    dynamodb.update_item(
        **item,
        UpdateExpression="SET #people.#mark = :now",
        ExpressionAttributeNames={"#people": "people", "#mark": own},
        ExpressionAttributeValues={":now": {"N": f"{now:.3f}"}},
    )


def _remove(dynamodb: Any, item: Mapping[str, Any], over: Iterable[str], limit: float) -> None:
    for some in batched(over, SLICE, strict=False):
        names = {f"#over{number}": name for number, name in enumerate(some)}
        try:
            dynamodb.update_item(
                **item,
                UpdateExpression=f"REMOVE {', '.join(f'#people.{name}' for name in names)}",
                ConditionExpression=" AND ".join(f"#people.{name} < :limit" for name in names),
                ExpressionAttributeNames={"#people": "people"} | names,
                ExpressionAttributeValues={":limit": {"N": f"{limit:.3f}"}},
            )
        except ClientError as error:
            # Another operator set one again, or removed some: the next run removes what is left.
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
