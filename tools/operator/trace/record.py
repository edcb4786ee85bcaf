"""An event's idempotency record, by the digits of its key that the log has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.operator.life.life import Kind, Life, iso
from tools.operator.moment import minute
from tools.operator.stack import Stack


@dataclass(frozen=True, kw_only=True)
class RecordState:
    """`key`: its first digits; `state`: `sending`, `queued`, `done`; `expires`: Unix seconds."""

    key: str
    state: str
    expires: float

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {"key": self.key, "state": self.state, "expires": iso(self.expires)}

    def text(self) -> str:
        """For people."""
        return f"Its idempotency record {self.key}… says {self.state}, until {minute(self.expires)} UTC."


def record_state(stack: Stack, life: Life) -> RecordState | None:
    """The record of an event that claimed one; None if it claimed none, or if the record is gone.

    Reads the table until it is found: for a local run, where tables are small. Raises botocore's errors.
    """
    digits = next((step.record for step in life.steps if step.kind is Kind.RECORD and step.record), None)
    if digits is None or not stack.has_records(life.system):
        return None
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.records(life.system),
            FilterExpression="begins_with(#key, :digits)",
            ExpressionAttributeNames={"#key": "key"},
            ExpressionAttributeValues={":digits": {"S": digits}},
        )
    )
    for page in pages:
        for item in page["Items"]:
            state, expires = item.get("state", {}).get("S", "unknown"), item.get("expires", {}).get("N", "0")
            return RecordState(key=digits, state=state, expires=float(expires))
    return None
