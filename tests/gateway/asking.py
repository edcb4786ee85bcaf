"""Asking a deployed endpoint: its sample event with parts replaced, and what its answer says of the event."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.core.errors import TimedOut
from gateway.core.reply import Reply
from tests.safety.outside import sample
from tests.sample_events import with_header

UPPER = "FE3BCC9F-3289-4651-AD15-3B995718BADD"
LOWER = UPPER.lower()
OTHER = "00000001-3289-4651-ad15-3b995718badd"

DOWN = TimedOut(may_have_arrived=True)
CONFLICT = Reply(status=409, body=b'{"description":"Session has already been received"}')


def asked(
    module: str, body: Any = None, path: Mapping[str, str] = {}, key: str = "order-17"
) -> dict[str, Any]:
    """The sample event with some fields of its body and path replaced."""
    event = sample(module)
    if body is not None:
        event["body"], event["isBase64Encoded"] = body if isinstance(body, str) else json.dumps(body), False
        with_header(event, "Content-Type", "application/json")
    event["pathParameters"] = {**(event["pathParameters"] or {}), **path} or None
    if key:
        with_header(event, "Idempotency-Key", key)
    return event


def outcome(answer: dict[str, Any]) -> tuple[int, str, bool]:
    """Status, `Gateway-Delivery`, and whether it is a replay."""
    headers = answer["headers"]
    return answer["statusCode"], headers["Gateway-Delivery"], "Idempotency-Replayed" in headers


BOUGHT = {"purchases": [{"sku": "SKU123", "iso": "USD", "amount": "0.99"}]}
