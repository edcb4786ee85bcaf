"""The workers of a local run: their event sources and queues, and the end of a run, which drains them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from tools.local.aws import LocalAws
from tools.local.deploy import Deployed
from tools.template.reader import Template

_COUNTS = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]


def complete_event_sources(aws: LocalAws) -> None:
    """Set the event sources' limits again: MiniStack's CloudFormation stores a number parameter as text, and
    then takes no message from any queue."""
    for source in _event_sources(aws):
        aws.client("lambda").update_event_source_mapping(
            UUID=source["UUID"], ScalingConfig=source["ScalingConfig"]
        )


def stop_event_sources(aws: LocalAws) -> None:
    """Pass no more messages to the workers."""
    for source in _event_sources(aws):
        aws.client("lambda").update_event_source_mapping(UUID=source["UUID"], Enabled=False)


def _event_sources(aws: LocalAws) -> Iterator[dict[str, Any]]:
    for page in aws.client("lambda").get_paginator("list_event_source_mappings").paginate():
        yield from page["EventSourceMappings"]


class Queues:
    """The delivery queues of a deployment, without the dead-letter queues."""

    def __init__(self, aws: LocalAws, template: Template, deployed: Deployed) -> None:
        """A system that is off has no queue."""
        self._sqs = aws.client("sqs")
        self._urls = [
            deployed.resources[name] for name in template.queues.values() if name in deployed.resources
        ]

    def count(self) -> int:
        """How many messages are waiting or in progress."""
        responses = (
            self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS) for url in self._urls
        )
        return sum(int(count) for response in responses for count in response["Attributes"].values())

    def drain(self, seconds: float, report: Callable[[int], None], hurry: threading.Event) -> int:
        """Wait until the queues are empty, at most `seconds` or until `hurry` is set; how many are left."""
        deadline = time.monotonic() + seconds
        while (left := self.count()) and time.monotonic() < deadline and not hurry.is_set():
            report(left)
            hurry.wait(0.2)
        return left
