"""A system's idempotency records, as the operator's commands change them."""

from __future__ import annotations

import time

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from gateway.core.task import DeliveryTask
from tools.operator.stack import Stack


def allow_new_tries(stack: Stack, system: str, task: DeliveryTask) -> None:
    """Forget how often a queued event was sent with an unknown outcome. Raises botocore's errors."""
    try:
        stack.client("dynamodb").update_item(
            TableName=stack.records(system),
            Key={"key": {"S": task.key}},
            UpdateExpression="REMOVE unknown_tries",
            # Queued, or left behind by a worker that could not write how its try ended.
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
        # No record, another request's, or a worker has a copy of the event just now: nothing to forget.
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def delete_if(stack: Stack, system: str, key: str, **stands: str) -> bool:
    """Delete a record in which these texts still stand; whether it went. Raises botocore's errors."""
    try:
        stack.client("dynamodb").delete_item(
            TableName=stack.records(system),
            Key={"key": {"S": key}},
            ConditionExpression=" AND ".join(f"#{name} = :{name}" for name in stands),
            ExpressionAttributeNames={f"#{name}": name for name in stands},
            ExpressionAttributeValues={f":{name}": {"S": text} for name, text in stands.items()},
        )
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
