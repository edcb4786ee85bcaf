"""The workers' event sources: brought to what AWS makes of the template, and stopped before a run ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.local.aws import LocalAws


def complete(aws: LocalAws) -> None:
    """Say their limits again: MiniStack's CloudFormation keeps a parameter's number as text, and then takes
    no message from any queue."""
    for source in _sources(aws):
        aws.client("lambda").update_event_source_mapping(
            UUID=source["UUID"], ScalingConfig=source["ScalingConfig"]
        )


def stop(aws: LocalAws) -> None:
    """Hand no further messages to the workers."""
    for source in _sources(aws):
        aws.client("lambda").update_event_source_mapping(UUID=source["UUID"], Enabled=False)


def _sources(aws: LocalAws) -> Iterator[dict[str, Any]]:
    for page in aws.client("lambda").get_paginator("list_event_source_mappings").paginate():
        yield from page["EventSourceMappings"]
