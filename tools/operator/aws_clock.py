"""AWS's clock: functions and queues date what they do by it, and an operator's own may be minutes off."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from tools.errors import CommandError


def date_of(answer: Mapping[str, Any]) -> float:
    """When AWS answered a call of boto3, in Unix seconds, rounded down. Raises CommandError."""
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError as error:
        raise CommandError(
            f"AWS's response has no usable Date header ({date!r}): does a proxy remove it?"
        ) from error
