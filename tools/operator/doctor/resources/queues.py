"""Each system's queue, worker and dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.operator.backlog import backlog, oldest_age
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, finding, ok, skipped, warning
from tools.operator.duration import spoken

OLD = 3600.0
"""Seconds; the alarm on a queue's age has the same."""


def queues(deployment: Deployment) -> Iterator[Row]:
    """Event sources, waiting events and their age, dead letters."""
    yield from _sources(deployment)
    systems = deployment.stack.systems
    for system in systems:
        queued = backlog(deployment.client("sqs"), deployment.stack.queue(system))
        seen = f"{queued.waiting} ready, {queued.in_flight} waiting for the next attempt"
        yield ok(f"{system} queue", "any number", seen)
        yield _dead(deployment, system)
    if deployment.stack.local:
        yield skipped("oldest events", "not on the local AWS: no metrics")
        return
    for system in systems:
        yield _oldest(deployment, system)


def _sources(deployment: Deployment) -> Iterator[Row]:
    lambdas = deployment.client("lambda")
    for name, uuid in deployment.stack.of_type("AWS::Lambda::EventSourceMapping").items():
        yield source(
            name.removesuffix("RedeliverSource").lower(), lambdas.get_event_source_mapping(UUID=uuid)
        )


def source(system: str, found: dict[str, Any]) -> Row:
    """Whether a worker receives its queue's messages. `found` is Lambda's response."""
    what, expected = f"{system} event source", "Enabled"
    state, result = found.get("State", "unknown"), found.get("LastProcessingResult") or "no result yet"
    seen = f"{state}, {result}"
    if state in ("Enabling", "Creating", "Updating"):
        return warning(what, expected, seen, "a change is in progress: run this again in a minute")
    if state != "Enabled":
        command = f"aws lambda update-event-source-mapping --uuid {found['UUID']} --enabled"
        do = f"events wait in the queue: {command}"
        return finding(what, expected, seen, do)
    if "PROBLEM" in result.upper():
        return finding(what, expected, seen, "the worker or its role is broken: see the log group")
    return ok(what, expected, seen)


def _oldest(deployment: Deployment, system: str) -> Row:
    what, expected = f"{system} oldest event", f"under {spoken(OLD)}"
    age = oldest_age(deployment.client("cloudwatch"), deployment.stack.queue(system)) or 0.0
    if age > OLD:
        do = "no worker takes events from the queue: see its event source, and the worker's log"
        return finding(what, expected, spoken(age), do)
    return ok(what, expected, spoken(age))


def _dead(deployment: Deployment, system: str) -> Row:
    found = backlog(deployment.client("sqs"), deployment.stack.dead_letters(system))
    what, expected = f"{system} dead letters", "0"
    if not found.all:
        return ok(what, expected, "0")
    seen = f"{found.all}" + (f", {found.in_flight} of them in use by a command" if found.in_flight else "")
    do = f"trackgate deadletters list --system {system} {deployment.stack.option}"
    return finding(what, expected, seen, do)
