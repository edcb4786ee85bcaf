"""What carries out the steps of the delivery protocol for one system, for first attempts and redeliveries."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.core import history
from gateway.core.answer import Success
from gateway.core.reply import Reply
from gateway.core.settings import Settings
from gateway.core.task import DeliveryTask
from gateway.core.telemetry import count, log
from gateway.delivery import idempotency
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.hold import CurrentHold
from gateway.delivery.idempotency import (
    Abandoned,
    Claim,
    Claimed,
    InFlight,
    Reused,
    Settled,
    Unavailable,
    Verdict,
)
from gateway.delivery.idempotency_store import Conflict, IdempotencyStore
from gateway.delivery.queue import Queue
from gateway.delivery.sender import Sender
from gateway.delivery.steps import Release, Result, Step, TryClaim, WriteDone, WriteQueued
from gateway.outbound import aws


def carried_out[End](steps: Generator[Step, Result, End], carry_out: Callable[[Step], Result]) -> End:
    """What a protocol ends with, each of its steps carried out."""
    result: Result = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            ended: End = end.value
            return ended
        result = carry_out(step)


_VERDICTS: Mapping[type[Verdict], str] = {
    Claimed: "ours",
    InFlight: "in flight",
    Settled: "settled",
    Reused: "reused",
    Abandoned: "abandoned",
    Unavailable: "unavailable",
}


def _note(claim: Claim, verdict: Verdict) -> None:
    """For the log line. It names the record of a client's own key: other keys are made of the request, and
    whoever reads a log could test guesses at what is in it."""
    history.note(claim.event_id, claim=_VERDICTS[type(verdict)])
    if claim.key != claim.fingerprint or history.names_guessable():
        found = getattr(verdict, "identity", None)
        history.note(claim.event_id, record=(found.key if found else claim.key)[: history.DIGITS])


class Executor:
    """One system's sender, queue, dead-letter queue, idempotency store and hold."""

    def __init__(self, system: str, sender: Sender, settings: Settings) -> None:
        """`settings` name the queues and the table; a system without one has none."""
        self.system = system
        self.sender = sender
        self.settings = settings
        self.hold = CurrentHold(system, settings.records)
        self._queue = Queue(settings.queue) if settings.queue else None
        self._dead_letters = Queue(settings.dead_letters) if settings.dead_letters else None
        self._store = IdempotencyStore(settings.records) if settings.records else None

    def enqueue(self, task: DeliveryTask) -> bool:
        """Put a task into the queue; whether the queue has it."""
        if self._queue is None:
            return False
        try:
            self._queue.send(task.dumps())
        except aws.AwsError as error:
            self._not_queued(error.code, event_id=task.event_id)
            return False
        return True

    def enqueue_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[bool]:
        """Put tasks into the queue within `seconds`; for each, in order, whether the queue has it."""
        if self._queue is None:
            return [False] * len(tasks)
        codes = self._queue.send_many([task.dumps() for task in tasks], seconds=seconds)
        left = {task.event_id: code for task, code in zip(tasks, codes, strict=True) if code is not None}
        if left:
            self._not_queued(", ".join(sorted(set(left.values()))), len(left), event_ids=list(left))
        return [code is None for code in codes]

    def _not_queued(self, code: str, number: int = 1, **events: Any) -> None:
        log.error("queue failed", system=self.system, code=code, **events)
        count(self.system, "QueueFailed", number)

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let a received message wait. A failure leaves it to the queue's own visibility timeout."""
        try:
            if self._queue is not None:
                self._queue.later(receipt, seconds)
        except aws.AwsError as error:
            log.warning("visibility unchanged", system=self.system, code=error.code)

    def dead_letter(self, message: str, reason: str, reply: Reply | None, receives: int) -> bool:
        """Put a message into the dead-letter queue; whether that queue has it."""
        letter = DeadLetter.of(message, reason, reply, died_at=time.time(), receives=receives)
        try:
            if self._dead_letters is not None:
                self._dead_letters.send(letter.dumps())
                return True
        except aws.AwsError as error:
            log.error("dead letters failed", system=self.system, code=error.code)
        return False

    def record(self, step: Step, claim: Claim, success: Success | None = None) -> Result:
        """A step on the idempotency record. What cannot be written is left to the lease: it never undoes a
        delivery. `success` words the answer that a replay gets."""
        if self._store is None:
            return Unavailable()
        now = time.time()
        try:
            match step:
                case TryClaim():
                    verdict = self._store.claim(replace(claim, alone=step.alone), now)
                    _note(claim, verdict)
                    return verdict
                case WriteDone():
                    answer = None
                    if success and step.reply:
                        answer = success.delivered(step.reply).marked("delivered")
                    done = idempotency.done(step.record, answer, now, copies=step.copies)
                    self._store.write(done, replacing=step.record)
                case WriteQueued():
                    answer = success.queued.marked("queued") if success and success.queued else None
                    queued = idempotency.queued(
                        step.record, answer, now, may_have_arrived=step.may_have_arrived
                    )
                    self._store.write(queued, replacing=step.record)
                case Release():
                    left = idempotency.released(step.record, may_have_arrived=step.may_have_arrived)
                    if left is None:
                        self._store.delete(step.record)
                    else:
                        self._store.write(left, replacing=step.record)
        except (aws.AwsError, Conflict) as error:
            log.warning("record unchanged", system=self.system, step=type(step).__name__, code=str(error))
            count(self.system, "RecordUnchanged")
        return None
