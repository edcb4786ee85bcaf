"""AWS's clock: functions and queues date what they do by it, and an operator's own may be minutes off."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from tools.errors import CommandError


def aws_time(sqs: Any, queue: str) -> float:
    """The time at AWS in Unix seconds, rounded down to a whole one. `queue`: a queue's URL, which is asked.

    Raises CommandError, botocore's errors.
    """
    answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError as error:
        raise CommandError(
            f"AWS's response has no usable Date header ({date!r}): does a proxy remove it?"
        ) from error
