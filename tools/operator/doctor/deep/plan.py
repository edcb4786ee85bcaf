"""`--deep`: announces what it will write, then does it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

from tools.operator.doctor.checks import guarded
from tools.operator.doctor.deep.cleanup import Cleanup
from tools.operator.doctor.deep.message import alarm, message, message_system
from tools.operator.doctor.deep.polling import Polling
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, skipped
from tools.systems.registry import parts

SECONDS = 840.0
"""Time limit for all of it; the rest of 15 minutes is for the other checks and for the removal."""


def plan(deployment: Deployment) -> list[str]:
    """What will be written, one line each."""
    lines = []
    if system := message_system(deployment):
        fires = "" if deployment.stack.local else f" This fires the alarm {alarm(deployment, system)}."
        lines.append(
            f"a message that no worker can read, into {system}'s queue: it becomes a dead letter twice, "
            f"and is dropped.{fires} No vendor is called."
        )
    return lines + [own.plan(deployment) for own in _synthetic(deployment)]


def deep(deployment: Deployment, cleanup: Cleanup) -> Iterator[Row]:
    """Both, independent of each other."""
    polling = Polling(time.monotonic() + SECONDS, every=1 if deployment.stack.local else 10)
    yield from guarded("message", lambda deployment: message(deployment, cleanup, polling), deployment)
    # At once, because the alarm fires while it is among the dead letters.
    yield from cleanup.remove()
    yield from guarded("event", lambda deployment: synthetic_events(deployment, cleanup, polling), deployment)


def synthetic_events(deployment: Deployment, cleanup: Cleanup, polling: Polling) -> Iterator[Row]:
    """One event per system that keeps its events itself."""
    found = _synthetic(deployment)
    if not found:
        why = "no system that is on keeps its own events, and a vendor must not receive one"
        yield skipped("synthetic event", why)
    for own in found:
        yield from own.event(deployment, cleanup, polling)


class SyntheticEvent(Protocol):
    """The module `synthetic_event` of a system that keeps its own events."""

    def plan(self, deployment: Deployment) -> str:
        """What `event` will write, in one line."""

    def event(self, deployment: Deployment, cleanup: Cleanup, polling: Polling) -> Iterator[Row]:
        """Send an event, look for it everywhere it must appear, and leave its removal to `cleanup`."""


def _synthetic(deployment: Deployment) -> list[SyntheticEvent]:
    return [found for name, found in parts("synthetic_event").items() if deployment.on(name)]
