"""The requests that samples are made from, and are read with: to an endpoint, to its door, to a worker."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from gateway.inbound.client_keys import Client
from gateway.system import System
from tests.fixtures.doors import DOORS
from tests.safety.outside import ENDPOINTS, Outside, SentRequest, sample
from tests.sample_events import with_header
from tools.openapi.sample_event import sample_body
from tools.systems.door import door_event

IDEMPOTENCY_KEY = "order-17"

DOOR_OF = {route.endpoint: path for path, route in DOORS.items()}
"""The paths of batch doors, by their endpoints' modules."""


def at_that_time(made_at: float, patch: pytest.MonkeyPatch) -> None:
    """Nothing has expired, what is stamped on receipt has the same stamp, and the client is the same."""
    patch.setattr(time, "time", lambda: made_at)
    patch.setattr("gateway.inbound.client_keys.admit", lambda *_: Client("k1"))


def requested(module: str) -> dict[str, Any]:
    """A call of the endpoint."""
    event = sample(module)
    with_header(event, "Idempotency-Key", IDEMPOTENCY_KEY)
    return event


def batch_requested(module: str) -> dict[str, Any]:
    """A call of its door, with one item."""
    event = requested(module)
    return door_event(event, DOOR_OF[ENDPOINTS[module].function.module], [sample_body(event)])


def redeliver(
    system: System, *messages: str, receives: int = 1, sent_at: float | None = None
) -> list[dict[str, str]]:
    """A batch of the queue, as its worker takes it; the messages that stay in the queue.

    `sent_at`: when they were queued, in Unix seconds; by default now.
    """
    queued_at = time.time() if sent_at is None else sent_at
    attributes = {"ApproximateReceiveCount": str(receives), "SentTimestamp": f"{queued_at * 1000:.0f}"}
    records = [
        {"messageId": str(number), "receiptHandle": str(number), "body": message, "attributes": attributes}
        for number, message in enumerate(messages)
    ]
    worker: Any = system.redelivery
    failures: list[dict[str, str]] = worker({"Records": records})["batchItemFailures"]
    return failures


def sent_to_queue(outside: Outside) -> list[str]:
    """The messages, queued one by one or together."""
    together = [entry for each in outside.of_aws("SendMessageBatch") for entry in each["Entries"]]
    return [each["MessageBody"] for each in (*outside.of_aws("SendMessage"), *together)]


def delivered(outside: Outside) -> list[Any]:
    """What vendors were sent, and the rows of a store, without the ids of their events."""
    batches = outside.of_aws("PutRecordBatch")
    rows = [json.loads(base64.b64decode(one["Data"])) for batch in batches for one in batch["Records"]]
    return [*map(arrived, outside.vendor_requests), *(row | {"GatewayEventID": ""} for row in rows)]


def arrived(sent: SentRequest) -> tuple[Any, ...]:
    """What a vendor sees of a request."""
    return sent.method, sent.url, dict(sent.headers), sent.body
