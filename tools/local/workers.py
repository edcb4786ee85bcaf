"""The workers of a local run: their event sources and queues, and the end of a run, which drains them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
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
    _switch_event_sources(aws, on=False)


def start_event_sources(aws: LocalAws) -> None:
    """Pass messages to the workers again."""
    _switch_event_sources(aws, on=True)


def _switch_event_sources(aws: LocalAws, *, on: bool) -> None:
    for source in _event_sources(aws):
        aws.client("lambda").update_event_source_mapping(UUID=source["UUID"], Enabled=on)


def hold(aws: LocalAws, template: Template, deployed: Deployed, systems: Iterable[str]) -> None:
    """Pass no messages of these systems to their workers: an earlier run ended while they were on hold."""
    names = (f"{template.prefixes[system]}RedeliverSource" for system in systems)
    for name in names:
        if name in deployed.resources:
            aws.client("lambda").update_event_source_mapping(UUID=deployed.resources[name], Enabled=False)


def _event_sources(aws: LocalAws) -> Iterator[dict[str, Any]]:
    for page in aws.client("lambda").get_paginator("list_event_source_mappings").paginate():
        yield from page["EventSourceMappings"]


class Queues:
    """The delivery queues of a deployment, without the dead-letter queues."""

    def __init__(self, aws: LocalAws, template: Template, deployed: Deployed) -> None:
        """A system that is off has no queue."""
        self._aws = aws
        self._sqs = aws.client("sqs")
        self._urls = [
            deployed.resources[name] for name in template.queues.values() if name in deployed.resources
        ]

    def count(self) -> int:
        """How many messages are waiting or in progress."""
        return self._count(self._urls)

    def drain(self, seconds: float, report: Callable[[int], None], hurry: threading.Event) -> int:
        """Wait until the queues are empty, at most `seconds` or until `hurry` is set; how many are left.

        A queue whose event source is disabled is not waited for: its system is on hold.
        """
        deadline = time.monotonic() + seconds
        sources = [each for each in _event_sources(self._aws) if each["State"] == "Disabled"]
        held = {each["EventSourceArn"].rpartition(":")[2] for each in sources}
        draining = [url for url in self._urls if url.rpartition("/")[2] not in held]
        while (left := self._count(draining)) and time.monotonic() < deadline and not hurry.is_set():
            report(left)
            hurry.wait(0.2)
        return self.count()

    def _count(self, urls: Iterable[str]) -> int:
        responses = (self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS) for url in urls)
        return sum(int(count) for response in responses for count in response["Attributes"].values())
