"""Deliver a task: carry out the protocol's steps, for an API call and for a batch of the worker's."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.core.answer import Success
from gateway.core.clock import passed
from gateway.core.errors import Refused, Setup, Transient, Unsent, UpstreamError
from gateway.core.identity import RequestIdentity
from gateway.core.settings import Settings
from gateway.core.task import DeliveryTask, Reply
from gateway.core.telemetry import count, log, took
from gateway.delivery import idempotency
from gateway.delivery.circuit_breaker import CircuitBreaker
from gateway.delivery.erasure import Forgotten
from gateway.delivery.idempotency import Claim
from gateway.delivery.idempotency_store import Conflict, IdempotencyStore
from gateway.delivery.protocol import (
    DeliveryPolicy,
    Enqueue,
    Expired,
    Fate,
    Later,
    NoTime,
    Outcome,
    Release,
    Result,
    Send,
    Step,
    TryClaim,
    Unrecorded,
    WriteDeadLetter,
    WriteDone,
    WriteQueued,
    first_try,
    giving_up,
    redelivery,
)
from gateway.delivery.queue import DeadLetter, Queue
from gateway.outbound import aws

LEASE_MARGIN = 1.0
WORKER_MARGIN = 5.0
AFTERWARDS_SECONDS = 5.0


TOMBSTONES_SECONDS = 10.0
"""How long tombstones are kept: one item, read by each batch of each worker, would be throttled."""

STALE_TOMBSTONES_SECONDS = 60.0
"""How long they serve while they cannot be read again."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A queued task with the `text` of its message and how often it was received. `last`: its day is over."""

    task: DeliveryTask
    text: str
    receives: int
    last: bool = False


class Upstream(Protocol):
    """What a system offers: sending one task, and several at once."""

    at_once: int
    """How many tasks are worth sending together."""

    def prepare(self) -> None:
        """What can be done during INIT; must not raise."""

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """Deliver one task within `seconds`. Raises Transient, Setup, Refused."""

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        """Deliver at most `at_once` Calls within `seconds`; each one's failure, in order, or None."""


def settled_by_nothing(reply: Reply) -> bool:
    """No refusal of this system says that it has the task already."""
    del reply
    return False


def _is_over(task: DeliveryTask) -> bool:
    return task.expires_at is not None and task.expires_at <= time.time()


def _carried_out[End](steps: Generator[Step, Result, End], carry_out: Callable[[Step], Result]) -> End:
    """What a protocol ends with, each of its steps carried out."""
    result: Result = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            ended: End = end.value
            return ended
        result = carry_out(step)


class Delivery:
    """One system's way out: its upstream, queue, dead letters, records and breaker."""

    def __init__(
        self,
        system: str,
        upstream: Upstream,
        settings: Settings,
        *,
        unknown_tries: Callable[[DeliveryTask], float],
        settled: Callable[[Reply], bool] = settled_by_nothing,
    ) -> None:
        """`unknown_tries`, `settled`: see System."""
        self.system = system
        self.upstream = upstream
        self.settings = settings
        self._settled = settled
        self._unknown_tries = unknown_tries
        self._breaker = CircuitBreaker(scale=settings.retry_scale)
        self._queue = Queue(settings.queue) if settings.queue else None
        self._dead_letters = Queue(settings.dead_letters) if settings.dead_letters else None
        self._records = IdempotencyStore(settings.records) if settings.records else None
        self._forgotten: Forgotten | None = None
        self._forgotten_at = -STALE_TOMBSTONES_SECONDS

    def first(
        self, task: DeliveryTask, terms: DeliveryPolicy, success: Success, *, seconds_left: float
    ) -> Outcome:
        """An API call: send it, or have it queued. `seconds_left` is what the function may still take."""
        budget = self.settings.send_seconds if terms.may_queue else self.settings.wait_seconds
        # Whatever the send takes, there must be time left to queue the task and to record that.
        budget = min(budget, max(0.1, seconds_left - AFTERWARDS_SECONDS))
        lease = seconds_left + LEASE_MARGIN
        wish = Claim(
            key=task.key, fingerprint=task.fingerprint, seconds=lease, budget=budget, former=terms.former
        )

        def carry_out(step: Step) -> Result:
            nonlocal task
            match step:
                case TryClaim():
                    verdict = self._write(step, wish, success)
                    # A record keeps its former name, and the worker finds it by the task's.
                    match verdict:
                        case idempotency.Claimed(idempotency.Record(key=key, fingerprint=fingerprint)):
                            task = replace(task, key=key, fingerprint=fingerprint)
                        case idempotency.InFlight(name=RequestIdentity(key, fingerprint)):
                            task = replace(task, key=key, fingerprint=fingerprint)
                    return verdict
                case Send():
                    return self._send([task], [step], budget)[0]
                case Enqueue():
                    return self._enqueue(task)
            return self._write(step, wish, success)

        return _carried_out(first_try(terms), carry_out)

    def again(self, waiting: Sequence[Waiting], *, seconds_left: Callable[[], float]) -> list[Fate]:
        """A batch of queued tasks: what becomes of each.

        Nothing is sent while the breaker is open, or when less than one send's budget is left.
        """
        fates: list[Fate] = []
        while len(fates) < len(waiting):
            if _is_over(waiting[len(fates)].task):  # not once a batch: the sends before it take their time
                fates.append(Expired())
                continue
            group = waiting[len(fates) : len(fates) + self.upstream.at_once]
            if self._breaker.wait:
                kept_back = Transient("breaker open", tried=False)
                fates += [Later("breaker open", self._breaker.wait, kept_back)] * len(group)
            elif seconds_left() < self.settings.wait_seconds + WORKER_MARGIN:
                fates += [NoTime()] * len(group)
            else:
                fates += self._group(group)
        return fates

    def give_up(self, waiting: Waiting, reason: str) -> Fate:
        """Make a queued task a dead letter, unless another copy of it was delivered."""
        task = waiting.task
        wish = Claim(key=task.key, fingerprint=task.fingerprint, seconds=WORKER_MARGIN, worker=True)
        return _carried_out(giving_up(reason), lambda step: self._keep(step, wish, waiting))

    def dead_letter(self, message: str, reason: str, reply: Reply | None, receives: int) -> bool:
        """Put a message among the dead letters; whether they have it."""
        letter = DeadLetter.of(message, reason, reply, died_at=time.time(), receives=receives)
        try:
            if self._dead_letters is not None:
                self._dead_letters.send(letter.dumps())
                return True
        except aws.AwsError as error:
            log.error("dead letters failed", system=self.system, code=error.code)
        return False

    def forgotten(self, subject_fields: Set[str]) -> Forgotten | None:
        """Who asked to be forgotten, as of ten seconds ago, or of a minute while that cannot be read; None if
        it could not be read for longer. `people`: see System."""
        if not self.settings.records:
            return Forgotten(self.system, subject_fields)
        now = passed()
        age = now - self._forgotten_at
        if self._forgotten is not None and age < TOMBSTONES_SECONDS:
            return self._forgotten
        try:
            self._forgotten = Forgotten.read(self.settings.records, self.system, subject_fields)
            self._forgotten_at = now
        except aws.AwsError as error:
            log.warning("tombstones unread", system=self.system, code=error.code)
            return self._forgotten if age < STALE_TOMBSTONES_SECONDS else None
        return self._forgotten

    def later(self, receipt: str, seconds: int) -> None:
        """Let a message wait. A failure leaves it to the queue's own visibility timeout."""
        try:
            if self._queue is not None:
                self._queue.later(receipt, seconds)
        except aws.AwsError as error:
            log.warning("visibility unchanged", system=self.system, code=error.code)

    def _group(self, group: Sequence[Waiting]) -> list[Fate]:
        """Claim each, send those that are ours together, and write what became of each."""
        seconds = self.settings.wait_seconds + WORKER_MARGIN
        fates: dict[int, Fate] = {}
        sending: dict[int, tuple[Generator[Step, Result, Fate], Send]] = {}

        def on(index: int, steps: Generator[Step, Result, Fate], result: Result) -> None:
            """Carry out steps until the task is to be sent, or its fate is known."""
            task = group[index].task
            wish = Claim(
                key=task.key,
                fingerprint=task.fingerprint,
                seconds=seconds,
                budget=self.settings.wait_seconds,
                worker=True,
            )
            try:
                while True:
                    step = steps.send(result)
                    if isinstance(step, Send):
                        sending[index] = (steps, step)
                        return
                    result = self._keep(step, wish, group[index])
            except StopIteration as end:
                fates[index] = end.value

        for index, waiting in enumerate(group):
            if index and isinstance(fates.get(index - 1), Unrecorded):
                fates[index] = Unrecorded()  # the table is down, and costs a second per claim
                continue
            tries = self._unknown_tries(waiting.task)
            on(index, redelivery(unknown_tries=tries, last=waiting.last), None)
        ours = sorted(sending)
        outcomes = self._send(
            [group[index].task for index in ours],
            [sending[index][1] for index in ours],
            self.settings.wait_seconds,
        )
        for index, outcome in zip(ours, outcomes, strict=True):
            on(index, sending[index][0], outcome)
        return [fates[index] for index in range(len(group))]

    def _send(
        self, tasks: Sequence[DeliveryTask], steps: Sequence[Send], seconds: float
    ) -> list[Reply | UpstreamError]:
        if not tasks:
            return []
        if wait := self._breaker.wait:
            return [Transient("breaker open", retry_after=int(wait) + 1, tried=False)] * len(tasks)
        started = time.monotonic()
        outcomes: list[Reply | UpstreamError]
        try:
            if len(tasks) == 1:
                outcomes = [self.upstream.send(tasks[0], seconds=seconds)]
            else:
                failures = self.upstream.send_many(tasks, seconds=seconds)
                outcomes = [failure or Reply(status=200) for failure in failures]
        except UpstreamError as error:
            outcomes = [error] * len(tasks)
        except Exception as error:
            # A fault of ours may pass with the next release: what may be queued is, and a batch's other
            # messages are not held up by one.
            log.exception("fault", system=self.system, event_ids=[task.event_id for task in tasks])
            count(self.system, "Fault")
            tried = not isinstance(error, Unsent)
            outcomes = [Transient("fault", unanswered=tried, tried=tried)] * len(tasks)
        took(self.system, time.monotonic() - started)
        return [self._heard(outcome, step) for outcome, step in zip(outcomes, steps, strict=True)]

    def _heard(self, outcome: Reply | UpstreamError, step: Send) -> Reply | UpstreamError:
        self._breaker.note(outcome if isinstance(outcome, UpstreamError) else None)
        if isinstance(outcome, Setup):
            log.error("setup failure", system=self.system, reason=outcome.reason)
            count(self.system, "SetupFailure")
        if isinstance(outcome, Refused) and step.unanswered and self._settled(outcome.reply):
            return Reply(status=200)
        return outcome

    def _enqueue(self, task: DeliveryTask) -> bool:
        if self._queue is None:
            return False
        try:
            self._queue.send(task.dumps())
        except aws.AwsError as error:
            log.error("queue failed", system=self.system, code=error.code, event_id=task.event_id)
            count(self.system, "QueueFailed")
            return False
        return True

    def _keep(self, step: Step, wish: Claim, waiting: Waiting) -> Result:
        """A worker's step on the records or the dead letters."""
        if isinstance(step, WriteDeadLetter):
            return self.dead_letter(waiting.text, step.reason, step.reply, waiting.receives)
        return self._write(step, wish, None)

    def _write(self, step: Step, wish: Claim, success: Success | None) -> Result:
        """A step on the records. What cannot be written is left to the lease: it never undoes a delivery."""
        if self._records is None:
            return idempotency.Unavailable()
        now = time.time()
        try:
            match step:
                case TryClaim():
                    return self._records.claim(wish, now)
                case WriteDone():
                    answer = None
                    if success and step.reply:
                        answer = success.delivered(step.reply).marked("delivered")
                    written = idempotency.done(step.record, answer, now, copies=step.copies)
                    self._records.write(written, replacing=step.record)
                case WriteQueued():
                    told = success.queued.marked("queued") if success and success.queued else None
                    written = idempotency.queued(step.record, told, now, unanswered=step.unanswered)
                    self._records.write(written, replacing=step.record)
                case Release():
                    left = idempotency.released(step.record, unanswered=step.unanswered)
                    if left is None:
                        self._records.delete(step.record)
                    else:
                        self._records.write(left, replacing=step.record)
        except (aws.AwsError, Conflict) as error:
            log.warning("record unchanged", system=self.system, step=type(step).__name__, code=str(error))
            count(self.system, "RecordUnchanged")
        return None
