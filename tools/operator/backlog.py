"""How many messages a queue holds, by SQS's approximate counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_VISIBLE = "ApproximateNumberOfMessages"
_DELAYED = "ApproximateNumberOfMessagesDelayed"
_NOT_VISIBLE = "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """`waiting`: visible or delayed. `in_flight`: a reader has received them; for a worker, that includes
    those that wait for their next attempt."""

    waiting: int
    in_flight: int

    @property
    def all(self) -> int:
        """Every message of the queue."""
        return self.waiting + self.in_flight


def backlog(sqs: Any, url: str) -> Backlog:
    """A queue's. Raises botocore's errors."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[_VISIBLE, _DELAYED, _NOT_VISIBLE])
    counts = {name: int(number) for name, number in found["Attributes"].items()}
    return Backlog(
        waiting=counts.get(_VISIBLE, 0) + counts.get(_DELAYED, 0), in_flight=counts.get(_NOT_VISIBLE, 0)
    )
