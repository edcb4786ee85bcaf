"""`--deep`: what is written, said before it is, and carried out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

from tools.operator.doctor.checks import guarded
from tools.operator.doctor.deep.cleanup import Traces
from tools.operator.doctor.deep.message import alarm, letter, letter_system
from tools.operator.doctor.deep.polling import Patience
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, skipped
from tools.systems.registry import parts

SECONDS = 840.0
"""For all of it; the rest of 15 minutes is for the other checks and for removing."""


def plan(deployment: Deployment) -> list[str]:
    """What is about to be written, a line each."""
    lines = []
    if system := letter_system(deployment):
        rings = "" if deployment.stack.local else f" This fires the alarm {alarm(deployment, system)}."
        lines.append(
            f"a message that no worker can read, into {system}'s queue: it becomes a dead letter twice, "
            f"and is dropped.{rings} No vendor is told anything."
        )
    return lines + [own.plan(deployment) for own in _synthetic(deployment)]


def deep(deployment: Deployment, traces: Traces) -> Iterator[Row]:
    """Both, each by itself."""
    patience = Patience(time.monotonic() + SECONDS, every=1 if deployment.stack.local else 10)
    yield from guarded("message", lambda deployment: letter(deployment, traces, patience), deployment)
    # At once: while it is among the dead letters, the alarm rings.
    yield from traces.remove()
    yield from guarded("event", lambda deployment: synthetic_events(deployment, traces, patience), deployment)


def synthetic_events(deployment: Deployment, traces: Traces, patience: Patience) -> Iterator[Row]:
    """One per system that keeps its events itself."""
    found = _synthetic(deployment)
    if not found:
        why = "no system that is on keeps its events itself, and a vendor must not be told one"
        yield skipped("synthetic event", why)
    for own in found:
        yield from own.event(deployment, traces, patience)


class Synthetic(Protocol):
    """A system's module `synthetic_event`."""

    def plan(self, deployment: Deployment) -> str:
        """What `event` is about to write, in a line."""

    def event(self, deployment: Deployment, traces: Traces, patience: Patience) -> Iterator[Row]:
        """Send an event, look for it everywhere it must be seen, and leave its removal to `traces`."""


def _synthetic(deployment: Deployment) -> list[Synthetic]:
    return [found for name, found in parts("synthetic_event").items() if deployment.on(name)]
