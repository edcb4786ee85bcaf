"""The sends of one batch: side by side, each with its claim before it and its record after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from gateway.core.errors import NotYet, Transient
from gateway.core.task import DeliveryTask
from gateway.core.telemetry import count, log
from gateway.delivery import protocol
from gateway.delivery.attempt import Attempt, Pending
from gateway.delivery.circuit_breaker import CircuitBreaker
from gateway.delivery.executor import LEAST_SECONDS, Executor
from gateway.delivery.idempotency import Claim, Unavailable
from gateway.delivery.outcomes import Expired, Fate, Held, Later, NoTime, Waiting
from gateway.delivery.queue import CAP_SECONDS
from gateway.delivery.steps import Result, Send, Step, TryClaim, WriteDeadLetter
from gateway.delivery.strands import grouped, side_by_side

WORKER_MARGIN = 5.0
"""Seconds of the worker's time that are reserved for the steps after a send."""


def keep(executor: Executor, step: Step, claim: Claim, pending: Pending) -> Result:
    """Carry out a step on the idempotency record or the dead-letter queue."""
    if isinstance(step, WriteDeadLetter):
        return executor.dead_letter(pending.text, step.reason, step.reply, pending.receives)
    return executor.record(step, claim)


class Sending:
    """Sends the tasks of one batch.

    Nothing is sent while the system is held or the circuit breaker is open, or when less than one send's
    budget is left. A task whose last attempt died goes when all others are finished, alone: if it kills this
    process as well, it takes no other with it.
    """

    def __init__(
        self,
        executor: Executor,
        unknown_tries: Callable[[DeliveryTask], float],
        seconds_left: Callable[[], float],
    ) -> None:
        """`unknown_tries`: see System; `seconds_left` is what remains of the worker's time."""
        self._executor = executor
        self._unknown_tries = unknown_tries
        self._seconds_left = seconds_left
        self._budget = executor.settings.wait_seconds
        self._threads = executor.settings.sends_at_once
        self._store_is_down = False

    def of(self, sending: Sequence[Pending]) -> list[Fate]:
        """What becomes of each task."""
        attempts = [self._attempt(pending) for pending in sending]
        names = [_names(pending.task) for pending in sending]
        groups = grouped(
            names, [self._kind(pending.task) for pending in sending], at_once=self._executor.upstream.at_once
        )
        side_by_side(
            [partial(self._safely, [attempts[place] for place in group]) for group in groups],
            [frozenset[Hashable]().union(*(names[place] for place in group)) for group in groups],
            threads=self._threads,
        )
        for attempt in attempts:
            if attempt.fate is None:
                self._safely([attempt])
        return [attempt.fate for attempt in attempts if attempt.fate is not None]

    def _attempt(self, pending: Pending) -> Attempt:
        claim = pending.claim(seconds=self._budget + WORKER_MARGIN, budget=self._budget)
        tries = self._unknown_tries(pending.task)
        return Attempt(pending, claim, protocol.redelivery(unknown_tries=tries, last=pending.last))

    def _kind(self, task: DeliveryTask) -> Hashable | None:
        """What the tasks that may be sent with this one have in common."""
        kind = self._executor.upstream.together(task)
        return None if kind is None else (self._executor.lane(task), kind)

    def _safely(self, group: Sequence[Attempt]) -> None:
        """A fault of ours costs the other groups nothing. What it claimed waits until the lease is over."""
        try:
            self._send(group)
        except Exception:
            ids = [attempt.pending.task.event_id for attempt in group]
            log.exception("fault", system=self._executor.system, event_ids=ids)
            count(self._executor.system, "Fault")
            for attempt in group:
                attempt.fate = attempt.fate or Later("fault", error=Transient("fault", tried=False))

    def _send(self, group: Sequence[Attempt]) -> None:
        """One group, if nothing keeps it back; what is to be claimed alone is left for later."""
        now = time.time()
        for attempt in group:
            if attempt.pending.task.expired(now):  # the sends before it took their time
                attempt.fate = Expired()
        ready = [attempt for attempt in group if attempt.fate is None]
        if not ready:
            return
        breaker = self._executor.circuit_breaker(self._executor.lane(ready[0].pending.task))
        try:
            fate = self._held() or self._refused(breaker) or self._out_of_time()
            if fate is None:
                self._claim_and_send(ready)
            for attempt in ready if fate else ():
                attempt.fate = fate
        finally:
            breaker.leave()

    def _held(self) -> Fate | None:
        hold = self._executor.hold.read()
        if hold is None or hold.resuming:
            return None
        return Held(seconds=min(CAP_SECONDS, hold.seconds_left()))

    def _refused(self, breaker: CircuitBreaker) -> Fate | None:
        wait = breaker.enter(patience=self._budget)
        return Later("breaker open", wait, Transient("breaker open", tried=False)) if wait else None

    def _out_of_time(self) -> Fate | None:
        return NoTime() if self._seconds_left() < self._budget + WORKER_MARGIN else None

    def _claim_and_send(self, group: Sequence[Attempt]) -> None:
        """Claim each that need not wait, send those that are ours in one go, write what became of each."""
        begun = time.monotonic()
        self._each(self._claim, group)
        ours = [(attempt, attempt.step) for attempt in group if isinstance(attempt.step, Send)]
        # The lease began with the claim, and the send must be over before it.
        seconds = self._budget - (time.monotonic() - begun)
        if seconds < LEAST_SECONDS:
            ends: Sequence[Result] = [Transient("no time", tried=False)] * len(ours)
        else:
            tasks, steps = [attempt.pending.task for attempt, _ in ours], [step for _, step in ours]
            ends = self._executor.send(tasks, steps, seconds=seconds) if ours else []
        outcomes = {id(attempt): end for (attempt, _), end in zip(ours, ends, strict=True)}
        self._each(
            lambda attempt: attempt.proceed(outcomes[id(attempt)], self._keep),
            [attempt for attempt, _ in ours],
        )

    def _each(self, work: Callable[[Attempt], None], group: Sequence[Attempt]) -> None:
        names = [frozenset[Hashable]()] * len(group)
        side_by_side([partial(work, attempt) for attempt in group], names, threads=self._threads)

    def _claim(self, attempt: Attempt) -> None:
        if wait := self._executor.upstream.wait(attempt.pending.task):
            attempt.fate = Waiting(seconds=wait, error=NotYet("waiting", tried=False))
        else:
            attempt.claimed(self._keep)

    def _keep(self, step: Step, claim: Claim, pending: Pending) -> Result:
        if not isinstance(step, TryClaim):
            return keep(self._executor, step, claim, pending)
        if self._store_is_down:
            return Unavailable()  # another claim found out, and that costs a second
        verdict = self._executor.record(step, claim)
        self._store_is_down = isinstance(verdict, Unavailable)
        return verdict


def _names(task: DeliveryTask) -> frozenset[Hashable]:
    """Tasks that share one of these are not sent side by side."""
    scope: set[Hashable] = {("scope", task.payload.account, *task.scope)} if task.scope else set()
    return frozenset(scope | ({("key", task.key)} if task.key else set()))
