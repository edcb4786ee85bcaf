"""What waits in a queue: the messages that Trackgate's own functions write, in the batches that SQS makes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from benchmarks.frame.bench import Bench
from benchmarks.frame.session import Caller
from benchmarks.frame.upstreams import running_upstreams
from tools.errors import CommandError


def queued(bench: Bench, logical_id: str, events: Iterable[Mapping[str, Any]]) -> list[str]:
    """The message of each event, as the endpoint `logical_id` queues it with `Delivery=queued`."""
    with running_upstreams(bench.folder / "queueing.log") as upstreams:
        start = bench.start(logical_id, upstreams.url, DELIVERY="queued")
        with start as emulator, Caller(emulator) as caller:
            expected = sum(1 for event in events if caller.call(event))
        messages = upstreams.queued()
    if len(messages) != expected:
        raise CommandError(f"{expected} events made {len(messages)} messages")
    return messages


def batches(messages: Sequence[str], size: int) -> Iterator[dict[str, Any]]:
    """Events as Lambda hands them to a worker, of `size` messages that were queued just now."""
    for several in batched(messages, size, strict=False):
        yield {"Records": [_record(number, message) for number, message in enumerate(several)]}


def _record(number: int, message: str) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": message,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(int(time.time() * 1000)),
        },
        "eventSource": "aws:sqs",
    }


def worked_off(caller: Caller, event: Mapping[str, Any]) -> float:
    """Seconds that a worker takes for a batch. Raises CommandError if it leaves a message in the queue."""
    seconds, answer = caller.invoke(event)
    if answer["batchItemFailures"]:
        raise CommandError(f"{len(answer['batchItemFailures'])} of {len(event['Records'])} messages stay")
    return seconds
