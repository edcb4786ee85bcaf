"""The sends of one batch: side by side, each with its claim before it and its record after it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from gateway.core.clock import passed
from gateway.core.errors import NotYet, Transient, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.core.telemetry import count, log
from gateway.delivery import protocol
from gateway.delivery.attempt import Attempt, Pending
from gateway.delivery.circuit_breaker import CircuitBreaker
from gateway.delivery.executor import Executor
from gateway.delivery.idempotency import Claim, Unavailable
from gateway.delivery.outcomes import Expired, Fate, Held, Later, NoTime, Waiting
from gateway.delivery.pace import Pace
from gateway.delivery.sender import LEAST_SECONDS
from gateway.delivery.steps import Result, Send, Step, TryClaim, WriteDeadLetter
from gateway.delivery.strands import grouped, side_by_side

CLAIM_SECONDS = 2.0
"""What claims may take before the send that they are for has less time."""

WORKER_MARGIN = CLAIM_SECONDS + 5.0
"""Seconds of the worker's time that are reserved for the steps before and after a send."""

UNCLAIMED_RECEIVES = 10
"""A message that came more often is claimed, even if its system needs no claim: should it kill its process,
only its record tells so, and has it sent alone."""


def keep(executor: Executor, step: Step, claim: Claim | None, pending: Pending) -> Result:
    """Carry out a step on the idempotency record or the dead-letter queue."""
    if isinstance(step, WriteDeadLetter):
        return executor.dead_letter(pending.text, step.reason, step.reply, pending.receives)
    assert claim is not None  # noqa: S101 - a protocol without a claim has no step on the record
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
        claims: Callable[[DeliveryTask], bool],
        seconds_left: Callable[[], float],
        pace: Callable[[str], Pace],
    ) -> None:
        """`unknown_tries` and `claims`: see System; `seconds_left` is what remains of the worker's time;
        `pace` is that of a lane."""
        self._executor = executor
        self._sender = executor.sender
        self._unknown_tries = unknown_tries
        self._claims = claims
        self._seconds_left = seconds_left
        self._pace = pace
        self._budget = executor.settings.wait_seconds
        self._threads = executor.settings.sends_at_once
        self._store_is_down = False

    def of(self, sending: Sequence[Pending]) -> list[Fate]:
        """What becomes of each task."""
        attempts = [self._attempt(pending) for pending in sending]
        names = [_names(pending.task) for pending in sending]
        groups = grouped(
            names, [self._kind(pending.task) for pending in sending], at_once=self._sender.upstream.at_once
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
        if pending.receives <= UNCLAIMED_RECEIVES and not self._claims(pending.task):
            return Attempt(pending, None, protocol.redelivery_by_event_id(last=pending.last))
        claim = pending.claim(seconds=self._budget + WORKER_MARGIN, budget=self._budget + CLAIM_SECONDS)
        tries = self._unknown_tries(pending.task)
        return Attempt(pending, claim, protocol.redelivery(unknown_tries=tries, last=pending.last))

    def _kind(self, task: DeliveryTask) -> Hashable | None:
        """What the tasks that may be sent with this one have in common."""
        kind = self._sender.upstream.together(task)
        return None if kind is None else (self._sender.lane(task), kind)

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
        held = self._held()
        for attempt in group:
            attempt.fate = self._expired(attempt) or held or self._waiting(attempt)
        ready = [attempt for attempt in group if attempt.fate is None]
        if not ready:
            return
        lane = self._sender.lane(ready[0].pending.task)
        fate = self._in_turn(ready, self._pace(lane), self._sender.circuit_breaker(lane))
        for attempt in ready if fate else ():
            attempt.fate = fate

    def _expired(self, attempt: Attempt) -> Fate | None:
        return Expired() if attempt.pending.task.expired(time.time()) else None

    def _waiting(self, attempt: Attempt) -> Fate | None:
        """Asked before a turn is taken, since a turn that nobody uses is lost."""
        wait = self._sender.upstream.wait(attempt.pending.task)
        return Waiting(seconds=wait, error=NotYet("waiting", tried=False)) if wait else None

    def _held(self) -> Fate | None:
        hold = self._executor.hold.read()
        if hold is None or hold.resuming:
            return None
        return Held(seconds=hold.seconds_left())

    def _in_turn(self, group: Sequence[Attempt], pace: Pace, breaker: CircuitBreaker) -> Fate | None:
        """Send a group when its turn has come; else what becomes of all of it."""
        if wait := breaker.wait:
            return _open(wait)
        if self._spare_seconds() < 0:
            return NoTime()
        if wait := pace.enter(patience=self._spare_seconds()):
            return Waiting(seconds=wait, error=NotYet("pace", tried=False))
        began, outcome = passed(), None
        try:
            if wait := breaker.enter(patience=min(self._budget, self._spare_seconds())):
                return _open(wait)
            if self._spare_seconds() < 0:
                return NoTime()
            if held := self._held():  # it may have begun while the group waited for its turn
                return held
            outcome = self._claim_and_send(group)
        finally:
            breaker.leave()
            pace.leave(outcome, began=began)
        return None

    def _spare_seconds(self) -> float:
        """How much later a send may begin, and still be recorded in the worker's time."""
        return self._seconds_left() - self._budget - WORKER_MARGIN

    def _claim_and_send(self, group: Sequence[Attempt]) -> Reply | UpstreamError | None:
        """Claim each, send those that are ours, write what became of each; how the last send ended."""
        # The leases begin now, and no send may outlive them.
        end = time.monotonic() + CLAIM_SECONDS + self._budget
        for attempt in group:
            if attempt.claim is None:
                self._claim(attempt)
        self._each(self._claim, [attempt for attempt in group if attempt.claim])
        outcomes: list[Reply | UpstreamError] = []
        for sending in self._leaving_together([one for one in group if isinstance(one.step, Send)]):
            outcomes = self._outcomes(sending, end)
            self._write(sending, outcomes)
        return outcomes[-1] if outcomes else None

    def _leaving_together(self, ours: Sequence[Attempt]) -> list[list[Attempt]]:
        """Those whose last send may have arrived leave one by one, after the others: of the tasks of a send
        that nobody answered, one may be the cause, and must not use up the tries of the others. What shares a
        name with one of them does not overtake it."""
        together: list[Attempt] = []
        alone: list[list[Attempt]] = []
        behind: set[Hashable] = set()
        for attempt in ours:
            names = _names(attempt.pending.task)
            if self._is_counted(attempt) or not names.isdisjoint(behind):
                alone.append([attempt])
                behind |= names
            else:
                together.append(attempt)
        return [together, *alone] if together else alone

    def _is_counted(self, attempt: Attempt) -> bool:
        assert isinstance(attempt.step, Send)  # noqa: S101 - what the caller chose by
        return attempt.step.may_have_arrived and self._unknown_tries(attempt.pending.task) < math.inf

    def _outcomes(self, sending: Sequence[Attempt], end: float) -> list[Reply | UpstreamError]:
        seconds = min(self._budget, end - time.monotonic())
        if seconds < LEAST_SECONDS:
            return [Transient("no time", tried=False)] * len(sending)
        steps = [attempt.step for attempt in sending if isinstance(attempt.step, Send)]
        return self._sender.send([attempt.pending.task for attempt in sending], steps, seconds=seconds)

    def _write(self, sent: Sequence[Attempt], outcomes: Sequence[Reply | UpstreamError]) -> None:
        """Write what became of each; of an unclaimed task that was delivered, nothing is written."""
        writing: dict[int, Callable[[], None]] = {}
        for attempt, outcome in zip(sent, outcomes, strict=True):
            proceed = partial(attempt.proceed, outcome, self._keep)
            if attempt.claim or isinstance(outcome, UpstreamError):
                writing[id(attempt)] = proceed
            else:
                proceed()
        self._each(lambda attempt: writing[id(attempt)](), [one for one in sent if id(one) in writing])

    def _each(self, work: Callable[[Attempt], None], group: Sequence[Attempt]) -> None:
        names = [frozenset[Hashable]()] * len(group)
        side_by_side([partial(work, attempt) for attempt in group], names, threads=self._threads)

    def _claim(self, attempt: Attempt) -> None:
        attempt.fate = self._expired(attempt)  # its turn may have been long in coming
        if attempt.fate is None:
            attempt.claimed(self._keep)

    def _keep(self, step: Step, claim: Claim | None, pending: Pending) -> Result:
        if not isinstance(step, TryClaim):
            return keep(self._executor, step, claim, pending)
        if self._store_is_down:
            return Unavailable()  # another claim found out, and that costs a second
        verdict = keep(self._executor, step, claim, pending)
        self._store_is_down = isinstance(verdict, Unavailable)
        return verdict


def _open(wait: float) -> Later:
    return Later("breaker open", wait, Transient("breaker open", tried=False))


def _names(task: DeliveryTask) -> frozenset[Hashable]:
    """Tasks that share one of these are not sent side by side."""
    scope: set[Hashable] = {("scope", task.payload.account, *task.scope)} if task.scope else set()
    return frozenset(scope | ({("key", task.key)} if task.key else set()))
