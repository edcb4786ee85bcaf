"""An idempotency table in memory: the three actions that the gateway asks of it, with their conditions."""

from typing import Any

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models.dynamo_type import DynamoType, Item

REFUSED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"


def carried_out(items: dict[str, Any], action: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status and the body of DynamoDB's answer to GetItem, PutItem or DeleteItem.

    `items` has the table's items, in DynamoDB's form, by their keys.
    """
    item = asked.get("Item")
    key = (item or asked["Key"])["key"]["S"]
    stands = items.get(key)
    if action == "GetItem":
        return 200, {"Item": stands} if stands else {}
    if not _holds(asked, stands or {}):
        shown = {"Item": stands} if stands and "ReturnValuesOnConditionCheckFailure" in asked else {}
        return 400, {"__type": REFUSED, **shown}
    if item is not None:
        items[key] = item
    else:
        items.pop(key, None)
    return 200, {}


def _holds(asked: dict[str, Any], item: dict[str, Any]) -> bool:
    if "ConditionExpression" not in asked:
        return True
    condition = get_filter_expression(
        asked["ConditionExpression"],
        asked.get("ExpressionAttributeNames"),
        asked.get("ExpressionAttributeValues"),
    )
    return bool(condition.expr(Item(DynamoType(item.get("key", {"S": ""})), None, item)))
