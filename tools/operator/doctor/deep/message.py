"""One unreadable message, followed through queue, worker, dead letters and redrive.

A worker dead-letters such a message without reading any record and without calling an upstream.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from gateway.core.task import new_event_id
from tools.operator.dead_letters.queue import ReceivedLetter
from tools.operator.dead_letters.selection import dead_letter_queue
from tools.operator.doctor.deep.cleanup import Cleanup
from tools.operator.doctor.deep.polling import Polling
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Level, Row, finding, ok
from tools.operator.doctor.resources.queues import event_source
from tools.systems.registry import profile

SECONDS = 120.0
"""How long a worker may take: longer than a cold start plus a batching window."""

REASON = "unreadable"


def message_system(deployment: Deployment) -> str | None:
    """Whose queue is tried: that of a system without a vendor if one is on, None where no system is."""
    systems = deployment.stack.systems
    own = (system for system in systems if profile(system).vendor is None)
    return next(own, next(iter(systems), None))


def alarm(deployment: Deployment, system: str) -> str:
    """The CloudWatch name of the alarm that fires while there are dead letters."""
    wanted = f"{system}deadlettersalarm"
    found = deployment.stack.of_type("AWS::CloudWatch::Alarm")
    return next((id for name, id in found.items() if name.lower() == wanted), "none")


def message(deployment: Deployment, cleanup: Cleanup, polling: Polling) -> Iterator[Row]:
    """Send it, find it among the dead letters, redrive it, find it again, drop it."""
    system = message_system(deployment)
    if system is None:
        return
    ready = event_source(deployment, system)
    if ready.level is not Level.OK:
        yield finding(f"{system} worker", ready.expected, ready.seen, f"nothing was sent: {ready.do}")
        return
    sent = _TestMessage(deployment, system, polling)
    cleanup.add(f"message {sent.mark} in {system}'s queues", sent.remove)
    sent.send()
    first = sent.dead_letter(after=0)
    yield _found(f"{system} queue to dead letters", system, first)
    if first is None:
        return
    if not sent.redrive():
        seen = "another command took the dead letter"
        yield finding(f"{system} redrive", "sent again", seen, "run it again, alone")
        return
    yield _found(f"{system} redrive", system, sent.dead_letter(after=first.dead_since))


def _found(what: str, system: str, received: ReceivedLetter | None) -> Row:
    expected = f"a dead letter: {REASON}"
    if received is None:
        do = f"the worker did not take it in {SECONDS:.0f} s: look for {system} in the log group"
        return finding(what, expected, "none", do)
    if received.error != REASON:
        return finding(what, expected, received.error, "is the worker of this checkout's release?")
    return ok(what, expected, f"a dead letter: {received.error}")


class _TestMessage:
    """The message, recognised by its mark."""

    def __init__(self, deployment: Deployment, system: str, polling: Polling) -> None:
        self.mark = new_event_id()
        self._deployment = deployment
        self._system = system
        self._polling = polling
        self._sent = False

    def send(self) -> None:
        text = json.dumps({"trackgate doctor": self.mark, "about": "a test message; it may be dropped"})
        self._sent = True
        queue = self._deployment.stack.queue(self._system)
        self._deployment.client("sqs").send_message(QueueUrl=queue, MessageBody=text)

    def dead_letter(self, *, after: float) -> ReceivedLetter | None:
        """Its dead letter, given up later than `after` (Unix seconds)."""
        return self._polling.wait(lambda: self._look(after), seconds=SECONDS)

    def _look(self, after: float) -> ReceivedLetter | None:
        with dead_letter_queue(self._deployment.stack, self._system) as queue:
            return next(
                (received for received in queue if self._is_ours(received) and received.dead_since > after),
                None,
            )

    def redrive(self) -> bool:
        with dead_letter_queue(self._deployment.stack, self._system) as queue:
            for received in queue:
                if self._is_ours(received):
                    queue.redrive(received)
                    return True
        return False

    def remove(self) -> str:
        """Drop its dead letter, waiting for the worker if necessary."""
        if not self._sent or self._polling.wait(self._drop, seconds=SECONDS / 4):
            return ""
        option = self._deployment.stack.option
        return (
            "the worker has not taken it yet: once it is a dead letter, find it by its mark in "
            f"`bin/trackgate deadletters list --system {self._system} --error {REASON} {option}`, and drop it"
        )

    def _drop(self) -> bool | None:
        with dead_letter_queue(self._deployment.stack, self._system) as queue:
            for received in queue:
                if self._is_ours(received):
                    queue.drop(received)
                    return True
        return None

    def _is_ours(self, received: ReceivedLetter) -> bool:
        return self.mark in received.letter.message
