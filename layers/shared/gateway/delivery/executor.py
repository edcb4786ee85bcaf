"""What carries out the steps of the delivery protocol for one system, for first attempts and redeliveries."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import replace
from typing import Protocol

from gateway.core.answer import Success
from gateway.core.clock import passed
from gateway.core.errors import NotYet, Refused, Setup, Transient, Unsent, UpstreamError
from gateway.core.reply import Reply
from gateway.core.settings import Settings
from gateway.core.task import DeliveryTask
from gateway.core.telemetry import count, log, took
from gateway.delivery import idempotency
from gateway.delivery.circuit_breaker import CircuitBreaker
from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.hold import CurrentHold
from gateway.delivery.idempotency import Claim
from gateway.delivery.idempotency_store import Conflict, IdempotencyStore
from gateway.delivery.queue import Queue
from gateway.delivery.steps import Release, Result, Send, Step, TryClaim, WriteDone, WriteQueued
from gateway.outbound import aws

LEAST_SECONDS = 0.5
"""Nothing is sent with less time left: it would end unanswered, and its outcome would be unknown."""


class Upstream(Protocol):
    """What a system offers: sending one task, and several at once. Threads share it."""

    at_once: int
    """How many tasks are worth sending together."""

    def together(self, task: DeliveryTask) -> Hashable | None:
        """Tasks with equal values may be sent together, None alone; cheap, and must not raise."""

    def prepare(self) -> None:
        """What can be done during INIT; must not raise."""

    def wait(self, task: DeliveryTask) -> float:
        """Seconds until a send of the task is worth its claim, 0 for now; cheap, and must not raise."""

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """Deliver one task within `seconds`. Raises Transient, Setup, Refused."""

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        """Deliver at most `at_once` tasks within `seconds`; each one's failure, in order, or None.

        Raises what concerns all of them. If it is Refused, they are sent one by one: one may be the cause.
        """


def settled_by_nothing(reply: Reply) -> bool:
    """No refusal of this system means that it already has the task."""
    del reply
    return False


def _telling(outcomes: Sequence[Reply | UpstreamError]) -> UpstreamError | None:
    """Of the outcomes of one send, what tells how the upstream is: any answer before any failure."""
    failures = [outcome if isinstance(outcome, UpstreamError) else None for outcome in outcomes]
    well = [failure for failure in failures if not isinstance(failure, Transient)]
    unwell = [failure for failure in failures if not isinstance(failure, NotYet)]
    return (well or unwell or failures)[0]


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


class Executor:
    """One system's upstream, queue, dead-letter queue, idempotency store, hold and circuit breakers."""

    def __init__(
        self,
        system: str,
        upstream: Upstream,
        settings: Settings,
        *,
        check: Callable[[DeliveryTask, Reply], object] = lambda task, reply: None,
        settled: Callable[[Reply], bool] = settled_by_nothing,
        lane: Callable[[DeliveryTask], str] = lambda task: "",
    ) -> None:
        """`check` judges a success further: see Contract; `settled`: see System. Tasks of one `lane` share a
        circuit breaker: what one of them finds out about the upstream holds for all."""
        self.system = system
        self.upstream = upstream
        self.settings = settings
        self.lane = lane
        self.circuit_breakers: dict[str, CircuitBreaker] = {}
        self.hold = CurrentHold(system, settings.records)
        self._check = check
        self._settled = settled
        self._queue = Queue(settings.queue) if settings.queue else None
        self._dead_letters = Queue(settings.dead_letters) if settings.dead_letters else None
        self._store = IdempotencyStore(settings.records) if settings.records else None

    def circuit_breaker(self, lane: str) -> CircuitBreaker:
        """The circuit breaker of a lane."""
        found = self.circuit_breakers.get(lane)
        return found or self.circuit_breakers.setdefault(
            lane, CircuitBreaker(scale=self.settings.retry_scale)
        )

    def send(
        self, tasks: Sequence[DeliveryTask], steps: Sequence[Send], *, seconds: float
    ) -> list[Reply | UpstreamError]:
        """Send tasks together, at most `at_once`; how each ended, in order."""
        lanes = [self.lane(task) for task in tasks]
        breakers = {lane: self.circuit_breaker(lane) for lane in lanes}
        try:
            if wait := max((breaker.enter() for breaker in breakers.values()), default=0.0):
                return [Transient("breaker open", retry_after=int(wait) + 1, tried=False)] * len(tasks)
            began = passed()
            outcomes = self._sent(tasks, time.monotonic() + seconds)
            for lane, breaker in breakers.items():
                ended = [outcome for outcome, its in zip(outcomes, lanes, strict=True) if its == lane]
                breaker.note(_telling(ended), began=began)
        finally:
            for breaker in breakers.values():
                breaker.leave()
        return [
            self._judged(task, outcome, step)
            for task, outcome, step in zip(tasks, outcomes, steps, strict=True)
        ]

    def _sent(self, tasks: Sequence[DeliveryTask], end: float) -> list[Reply | UpstreamError]:
        """What came of each task by `end`, on the monotonic clock."""
        if len(tasks) < 2:
            return [self._sent_alone(task, end) for task in tasks]
        started = time.monotonic()
        try:
            # No check: one answer stands for all of them, and the upstream has judged it.
            failures = self.upstream.send_many(tasks, seconds=end - started)
            return [failure or Reply(status=200) for failure in failures]
        except (Refused, Unsent) as error:
            log.warning("sent one by one", system=self.system, tasks=len(tasks), reason=type(error).__name__)
        except UpstreamError as error:
            return [error] * len(tasks)
        except Exception as error:
            return [self._fault(error, tasks)] * len(tasks)
        finally:
            took(self.system, time.monotonic() - started)
        return [
            self._sent_alone(task, end)
            if time.monotonic() < end - LEAST_SECONDS
            else Transient("no time", tried=False)
            for task in tasks
        ]

    def _sent_alone(self, task: DeliveryTask, end: float) -> Reply | UpstreamError:
        started = time.monotonic()
        try:
            reply = self.upstream.send(task, seconds=end - started)
            self._check(task, reply)
        except UpstreamError as error:
            return error
        except Exception as error:
            return self._fault(error, [task])
        finally:
            took(self.system, time.monotonic() - started)
        return reply

    def _fault(self, error: Exception, tasks: Sequence[DeliveryTask]) -> Transient:
        """A fault of ours may pass with the next release: what may be queued is, and a batch's other messages
        are not held up by one."""
        log.exception("fault", system=self.system, event_ids=[task.event_id for task in tasks])
        count(self.system, "Fault")
        tried = not isinstance(error, Unsent)
        return Transient("fault", may_have_arrived=tried, tried=tried)

    def _judged(
        self, task: DeliveryTask, outcome: Reply | UpstreamError, step: Send
    ) -> Reply | UpstreamError:
        if isinstance(outcome, Setup):
            account = task.payload.account or None
            log.error("setup failure", system=self.system, account=account, reason=outcome.reason)
            count(self.system, "SetupFailure")
        if isinstance(outcome, Refused) and step.may_have_arrived and self._settled(outcome.reply):
            return Reply(status=200)
        return outcome

    def enqueue(self, task: DeliveryTask) -> bool:
        """Put a task into the queue; whether the queue has it."""
        if self._queue is None:
            return False
        try:
            self._queue.send(task.dumps())
        except aws.AwsError as error:
            log.error("queue failed", system=self.system, code=error.code, event_id=task.event_id)
            count(self.system, "QueueFailed")
            return False
        return True

    def enqueue_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[bool]:
        """Put tasks into the queue within `seconds`; for each, in order, whether the queue has it."""
        if self._queue is None:
            return [False] * len(tasks)
        codes = self._queue.send_many([task.dumps() for task in tasks], seconds=seconds)
        left = [(task.event_id, code) for task, code in zip(tasks, codes, strict=True) if code is not None]
        if left:
            named = ", ".join(sorted({code for _, code in left}))
            log.error(
                "queue failed", system=self.system, code=named, event_ids=[event_id for event_id, _ in left]
            )
            count(self.system, "QueueFailed", len(left))
        return [code is None for code in codes]

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
            return idempotency.Unavailable()
        now = time.time()
        try:
            match step:
                case TryClaim():
                    return self._store.claim(replace(claim, alone=step.alone), now)
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
