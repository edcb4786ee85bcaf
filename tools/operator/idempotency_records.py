"""Changes that the operator's commands make to a system's idempotency records."""

from __future__ import annotations

import time

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from gateway.core.task import DeliveryTask
from tools.operator.stack import Stack


def allow_new_tries(stack: Stack, system: str, task: DeliveryTask) -> None:
    """Reset the count of sends with an unknown outcome of a queued event. Raises botocore's errors."""
    try:
        stack.client("dynamodb").update_item(
            TableName=stack.records(system),
            Key={"key": {"S": task.key}},
            UpdateExpression="REMOVE unknown_tries",
            # Queued, or left by a worker that could not record how its attempt ended.
            ConditionExpression=(
                "fingerprint = :own AND (#state = :queued OR (#state = :sending AND lease < :now))"
            ),
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":own": {"S": task.fingerprint},
                ":queued": {"S": "queued"},
                ":sending": {"S": "sending"},
                ":now": {"N": f"{time.time():.3f}"},
            },
        )
    except ClientError as error:
        # No record, another request's, or a worker is sending a copy right now: nothing to reset.
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def delete_if(stack: Stack, system: str, key: str, **values: str) -> bool:
    """Delete a record that still has these values; whether it was deleted. Raises botocore's errors."""
    try:
        stack.client("dynamodb").delete_item(
            TableName=stack.records(system),
            Key={"key": {"S": key}},
            ConditionExpression=" AND ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{name}": {"S": text} for name, text in values.items()},
        )
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
