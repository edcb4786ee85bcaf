"""Each system's queue, worker and dead letters."""

from __future__ import annotations

from collections.abc import Iterator

from tools.errors import CommandError
from tools.operator.backlog import backlog, oldest_age
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, finding, ok, skipped, warning
from tools.operator.duration import spoken
from tools.operator.event_sources import DISABLED, ENABLED
from tools.operator.hold import item
from tools.operator.moment import minute

OLD = 3600.0
"""Seconds; the alarm on a queue's age has the same."""


def queues(deployment: Deployment) -> Iterator[Row]:
    """Event sources, waiting events and their age, dead letters."""
    systems = deployment.stack.systems
    for system in systems:
        yield event_source(deployment, system)
        queued = backlog(deployment.client("sqs"), deployment.stack.queue(system))
        seen = f"{queued.waiting} ready, {queued.in_flight} waiting for the next attempt"
        yield ok(f"{system} queue", "any number", seen)
        yield _dead(deployment, system)
    if deployment.stack.local:
        yield skipped("oldest events", "not on the local AWS: no metrics")
        return
    for system in systems:
        yield _oldest(deployment, system)


def event_source(deployment: Deployment, system: str) -> Row:
    """Whether a worker receives its queue's messages, unless an operator holds the system."""
    stack = deployment.stack
    what, expected = f"{system} event source", ENABLED
    try:
        uuid = stack.event_source(system)
        hold = item.read(stack, system) if stack.has_records(system) else None
    except CommandError as error:
        return finding(what, expected, "unknown", str(error))
    found = deployment.client("lambda").get_event_source_mapping(UUID=uuid)
    state, result = found.get("State", "unknown"), found.get("LastProcessingResult") or "no result yet"
    seen = f"{state}, {result}"
    if state not in (ENABLED, DISABLED):
        return warning(what, expected, seen, "a change is in progress: run this again in a minute")
    resume = f"bin/trackgate resume --system {system} {stack.option}"
    if hold is not None and hold.seconds_left():
        seen = f"{state}, on hold until {minute(hold.until)} UTC"
        return warning(what, expected, seen, f"nothing is delivered; to end the hold earlier: {resume}")
    if state == DISABLED:
        seen = f"{seen}, although the hold ended {minute(hold.until)} UTC" if hold else seen
        return finding(what, expected, seen, f"events wait in the queue: {resume}")
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
    do = f"bin/trackgate deadletters list --system {system} {deployment.stack.option}"
    return finding(what, expected, seen, do)
