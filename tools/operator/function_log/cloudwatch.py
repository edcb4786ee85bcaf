"""The log of a stack on AWS: its log group, read with FilterLogEvents.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

PAUSE_SECONDS = 2.0
LATE_SECONDS = 30.0
"""How much later than its time a line may be found."""

_REPORTS = (
    '{ $.message = "call" || $.message = "redelivery" || $.message = "batch" || $.message = "unknown path" }'
)


class CloudWatchLog:
    """The log group `group`. Methods raise botocore's errors."""

    def __init__(self, logs: Any, group: str) -> None:
        """`logs` is a boto3 client."""
        self._logs = logs
        self._group = group

    def matching(self, text: str, since: float, until: float | None = None) -> Iterator[dict[str, Any]]:
        """See FunctionLog. A regular expression, since that also matches a part of a word."""
        for _, fields in self._found(f"%{text}%", since, until):
            yield fields

    def written(self, since: float) -> Iterator[dict[str, Any]]:
        """See FunctionLog."""
        for _, fields in self._found(_REPORTS, since, None):
            yield fields

    def reasons(self, reason: str, since: float) -> Iterator[dict[str, Any]]:
        """The lines with a `reason`, from Unix seconds to now."""
        for _, fields in self._found(f'{{ $.reason = "{reason}" }}', since, None):
            yield fields

    def followed(self, since: float, wait: Callable[[float], None]) -> Iterator[dict[str, Any]]:
        """See FunctionLog. Lines arrive late and out of order, so the last half minute is read each time."""
        seen: dict[str, float] = {}
        while True:
            now = time.time()
            for event_id, fields in self._found(_REPORTS, since, None):
                if event_id not in seen:
                    seen[event_id] = now
                    yield fields
            since = max(since, now - LATE_SECONDS)
            seen = {id: at for id, at in seen.items() if at > now - 10 * LATE_SECONDS}
            wait(PAUSE_SECONDS)

    def _found(self, pattern: str, since: float, until: float | None) -> Iterator[tuple[str, dict[str, Any]]]:
        end = {} if until is None else {"endTime": round(until * 1000)}
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, filterPattern=pattern, startTime=max(0, round(since * 1000)), **end
        )
        for page in pages:
            for event in page["events"]:
                with suppress(ValueError):
                    fields = json.loads(event["message"])
                    if isinstance(fields, dict):
                        yield str(event.get("eventId", "")), fields
