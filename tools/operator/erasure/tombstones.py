"""Tombstones: what makes a system's worker leave out what is queued of people who asked to be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import batched
from time import sleep
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from gateway.delivery.erasure import KEEP_SECONDS, item_key, mark
from gateway.delivery.first_attempt import TOMBSTONES_SECONDS

SLICE = 50
"""How many come down at once: an expression has 4 KB at most."""


def put(dynamodb: Any, table: str, system: str, person: str, now: float) -> None:
    """Put one up, in force for all that was received up to `now`; those that are over come down.

    Two operators at once lose none: each writes its own entry of the item.
    """
    item = {"TableName": table, "Key": {"key": {"S": item_key(system)}}}
    before = dynamodb.update_item(
        **item,
        UpdateExpression="SET #people = if_not_exists(#people, :none), #expires = :expires",
        ExpressionAttributeNames={"#people": "people", "#expires": "expires"},
        ExpressionAttributeValues={":none": {"M": {}}, ":expires": {"N": f"{now + KEEP_SECONDS:.0f}"}},
        ReturnValues="ALL_NEW",
    )["Attributes"]["people"]["M"]
    own, limit = mark(system, person), now - KEEP_SECONDS
    over = [name for name, at in before.items() if float(at["N"]) < limit and name != own]
    # Theirs first: whatever keeps the others up must not keep theirs from standing.
    try:
        _set(dynamodb, item, own, now)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException" or not over:
            raise
        _take_down(dynamodb, item, over, limit)  # the item is full
        _set(dynamodb, item, own, now)
    else:
        _take_down(dynamodb, item, over, limit)


def wait_until_read() -> None:
    """Until no worker begins a batch with tombstones that it read before."""
    sleep(TOMBSTONES_SECONDS)


def _set(dynamodb: Any, item: Mapping[str, Any], own: str, now: float) -> None:
    dynamodb.update_item(
        **item,
        UpdateExpression="SET #people.#mark = :now",
        ExpressionAttributeNames={"#people": "people", "#mark": own},
        ExpressionAttributeValues={":now": {"N": f"{now:.3f}"}},
    )


def _take_down(dynamodb: Any, item: Mapping[str, Any], over: Iterable[str], limit: float) -> None:
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
            # Another operator put one up anew, or took some down: the next run takes down what is left.
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
