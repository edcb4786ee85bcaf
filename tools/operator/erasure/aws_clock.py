"""What time it is at AWS, where events are dated: an operator's own clock may be minutes off."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from time import sleep
from typing import Any

from tools.errors import CommandError


def moment(sqs: Any, queue: str) -> float:
    """A moment between call and return, in Unix seconds by AWS's clock.

    Takes a second: the `Date` of an answer has whole ones. What was received before the call is older than
    the moment, what is received after the return is younger. `queue` is the URL of one that may be asked.
    """
    answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        begun = parsedate_to_datetime(date).timestamp()
    except ValueError as error:
        raise CommandError(
            f"AWS's answer has no usable Date header ({date!r}): does a proxy remove it?"
        ) from error
    sleep(1)
    return begun + 1
