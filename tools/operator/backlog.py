"""How many messages a queue holds, and how old they are, as far as SQS tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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


def oldest_age(cloudwatch: Any, url: str) -> float | None:
    """How old a queue's oldest message is, in seconds; None if CloudWatch has no figure of the last 15 min.

    SQS does not count messages that were received three times or more, which is most that wait for another
    attempt. Raises botocore's errors.
    """
    now = datetime.now(UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
        StartTime=now - timedelta(minutes=15),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    newest = max(found, key=lambda each: each["Timestamp"], default=None)
    return float(newest["Maximum"]) if newest else None
