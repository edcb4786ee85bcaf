"""How many messages a queue holds, how old they are, and how many come and go, as far as SQS tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_VISIBLE = "ApproximateNumberOfMessages"
_DELAYED = "ApproximateNumberOfMessagesDelayed"
_NOT_VISIBLE = "ApproximateNumberOfMessagesNotVisible"

_FLOW = timedelta(minutes=5)
_LATE = timedelta(minutes=2)
"""CloudWatch has a minute's figures of SQS a minute or two later."""


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


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Messages per second that came into a queue, and that left it because they were settled."""

    arriving: float
    leaving: float


def oldest_age(cloudwatch: Any, url: str) -> float | None:
    """How old a queue's oldest message is, in seconds; None if CloudWatch has no figure of the last 15 min.

    SQS does not count messages that were received three times or more, which is most that wait for another
    attempt. Raises botocore's errors.
    """
    found = _statistics(cloudwatch, url, "ApproximateAgeOfOldestMessage", "Maximum", timedelta(minutes=15))
    newest = max(found, key=lambda each: each["Timestamp"], default=None)
    return float(newest["Maximum"]) if newest else None


def flow(cloudwatch: Any, url: str) -> Flow | None:
    """A queue's, on average over the last five minutes that CloudWatch may know; None if it knows none.

    Raises botocore's errors.
    """
    sent, deleted = (
        _statistics(cloudwatch, url, f"NumberOfMessages{what}", "Sum", _FLOW, before=_LATE)
        for what in ("Sent", "Deleted")
    )
    if not sent and not deleted:
        return None
    seconds = _FLOW.total_seconds()
    return Flow(
        arriving=sum(each["Sum"] for each in sent) / seconds,
        leaving=sum(each["Sum"] for each in deleted) / seconds,
    )


def _statistics(
    cloudwatch: Any,
    url: str,
    metric: str,
    statistic: str,
    span: timedelta,
    *,
    before: timedelta = timedelta(),
) -> list[dict[str, Any]]:
    """A metric of a queue, per minute, over the `span` that ended some time `before` now."""
    end = datetime.now(UTC) - before
    found: list[dict[str, Any]] = cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName=metric,
        Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
        StartTime=end - span,
        EndTime=end,
        Period=60,
        Statistics=[statistic],
    )["Datapoints"]
    return found
