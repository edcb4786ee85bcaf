"""Tombstones: what makes a system's worker leave out what is queued of people who asked to be forgotten."""

from __future__ import annotations

from typing import Any

from gateway.forget import KEEP_SECONDS, item_key, mark


def put(dynamodb: Any, table: str, system: str, person: str, now: float) -> None:
    """Put one up, in force for all that was received up to `now`; those that are over come down.

    Two operators at once lose none: each writes its own entry of the item.
    """
    key = {"key": {"S": item_key(system)}}
    expires = {"N": f"{now + KEEP_SECONDS:.0f}"}
    before = dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET #people = if_not_exists(#people, :none), #expires = :expires",
        ExpressionAttributeNames={"#people": "people", "#expires": "expires"},
        ExpressionAttributeValues={":none": {"M": {}}, ":expires": expires},
        ReturnValues="ALL_NEW",
    )["Attributes"]["people"]["M"]
    over = [name for name, at in before.items() if float(at["N"]) < now - KEEP_SECONDS]
    names = {"#people": "people", "#mark": mark(system, person)}
    gone = {f"#over{number}": name for number, name in enumerate(over) if name != names["#mark"]}
    remove = f" REMOVE {', '.join(f'#people.{name}' for name in gone)}" if gone else ""
    dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression=f"SET #people.#mark = :now{remove}",
        ExpressionAttributeNames=names | gone,
        ExpressionAttributeValues={":now": {"N": f"{now:.3f}"}},
    )
