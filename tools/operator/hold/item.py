"""The item of a system's idempotency table that holds the system.

Every step is written on the condition that the item is what was read, so that two operators cannot undo each
other's work. The item exists from `hold` until `resume` is through, even if the hold has ended by itself:
until then, events of its first day may be in the queue.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from gateway.delivery.hold import LONGEST_SECONDS, Hold, item_key
from tools.errors import CommandError
from tools.failures.aws import code
from tools.operator.stack import Stack

KEEP_SECONDS = 14 * 24 * 3600
"""How long the item outlives its hold: as long as the queue may hold an event of it."""

type _Values = dict[str, dict[str, Any]]


def read(stack: Stack, system: str) -> Hold | None:
    """The system's hold, which may have ended by itself; None if it is not held, or was resumed.

    Raises CommandError for a malformed item, botocore's errors.
    """
    found = stack.client("dynamodb").get_item(**_item(stack, system), ConsistentRead=True).get("Item")
    try:
        return Hold.of(found) if found else None
    except (KeyError, TypeError, ValueError) as error:
        raise CommandError(
            f"{system}'s hold is malformed, and its functions ignore it: delete the item {item_key(system)} "
            f"of {stack.records(system)}"
        ) from error


def begin(stack: Stack, system: str, found: Hold | None, *, now: float, until: float) -> Hold:
    """Hold a system, or prolong the hold that was found. Times are Unix seconds.

    Raises CommandError if it would last longer than 13 days, or has changed since it was read.
    """
    made = Hold(since=float(round(found.since if found else now)), until=float(round(until)))
    if made.until > made.since + LONGEST_SECONDS:
        raise CommandError(f"{system} cannot be held for more than 13 days: resume it first")
    values = {
        ":since": _number(made.since),
        ":until": _number(made.until),
        ":expires": _number(made.until + KEEP_SECONDS),
    }
    _update(
        stack,
        system,
        found,
        "SET #since = :since, #until = :until, #expires = :expires REMOVE #resuming",
        values,
    )
    return made


def let_the_worker_deliver(stack: Stack, system: str, found: Hold) -> Hold:
    """Let the worker send again, while new events are still queued first.

    Raises CommandError if the hold has changed since it was read.
    """
    if not found.resuming:
        _update(stack, system, found, "SET #resuming = :yes", {":yes": {"BOOL": True}})
    return Hold(since=found.since, until=found.until, resuming=True)


def end(stack: Stack, system: str, found: Hold) -> None:
    """Delete the item. Raises CommandError if the hold has changed since it was read."""
    condition, values = _unchanged(found)
    _write(stack.client("dynamodb").delete_item, stack, system, values, ConditionExpression=condition)


def _update(stack: Stack, system: str, found: Hold | None, change: str, values: _Values) -> None:
    condition, known = _unchanged(found)
    _write(
        stack.client("dynamodb").update_item,
        stack,
        system,
        known | values,
        ConditionExpression=condition,
        UpdateExpression=change,
    )


def _unchanged(found: Hold | None) -> tuple[str, _Values]:
    """The condition that the item is still the one that was found."""
    if found is None:
        return "attribute_not_exists(#since)", {}
    resuming = "attribute_exists" if found.resuming else "attribute_not_exists"
    return f"#until = :found AND {resuming}(#resuming)", {":found": _number(found.until)}


def _write(
    call: Callable[..., object], stack: Stack, system: str, values: _Values, **expressions: str
) -> None:
    names = {found: found[1:] for text in expressions.values() for found in re.findall("#[a-z]+", text)}
    further = {"ExpressionAttributeValues": values} if values else {}
    try:
        call(**_item(stack, system), **expressions, ExpressionAttributeNames=names, **further)
    except ClientError as error:
        if code(error) != "ConditionalCheckFailedException":
            raise
        raise CommandError(f"Another operator has just changed {system}'s hold: run this again") from error


def _item(stack: Stack, system: str) -> dict[str, Any]:
    return {"TableName": stack.records(system), "Key": {"key": {"S": item_key(system)}}}


def _number(seconds: float) -> dict[str, str]:
    return {"N": f"{seconds:.0f}"}
