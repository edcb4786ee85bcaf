"""`--deep`: what is written, said before it is, and carried out."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tools.operator.doctor.checks import guarded
from tools.operator.doctor.deep.cleanup import Traces
from tools.operator.doctor.deep.event import event
from tools.operator.doctor.deep.message import alarm, letter, letter_system
from tools.operator.doctor.deep.polling import Patience
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row

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
    if deployment.on("track"):
        store = deployment.stack.parameters.get("EventStore", "").partition(":")[0]
        lines.append(
            f"a session event of track's, SessionID doctor…, into its event store ({store}), and "
            "removed from there. Metrics and the log keep what they counted and wrote."
        )
    return lines


def deep(deployment: Deployment, traces: Traces) -> Iterator[Row]:
    """Both, each by itself."""
    patience = Patience(time.monotonic() + SECONDS, every=1 if deployment.stack.local else 10)
    yield from guarded("message", lambda deployment: letter(deployment, traces, patience), deployment)
    # At once: while it is among the dead letters, the alarm rings.
    yield from traces.remove()
    yield from guarded("event", lambda deployment: event(deployment, traces, patience), deployment)
