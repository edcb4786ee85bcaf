"""The first attempt at a delivery task, within its API call: send it, or have it queued."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from gateway.core import history
from gateway.core.answer import Success
from gateway.core.errors import UpstreamError
from gateway.core.task import DeliveryTask
from gateway.delivery import protocol
from gateway.delivery.executor import Executor, carried_out
from gateway.delivery.idempotency import Claim, Claimed, InFlight
from gateway.delivery.outcomes import Outcome
from gateway.delivery.policy import DeliveryPolicy, QueuePolicy
from gateway.delivery.steps import Enqueue, Result, Send, Step, TryClaim

LEASE_MARGIN = 1.0
"""Seconds. A lease outlives the function that holds it."""

AFTERWARDS_SECONDS = 5.0
"""What remains of the function's time after a send: to queue the task, and to record that."""


class FirstAttempt(Protocol):
    """Makes the first attempt at a task."""

    def __call__(
        self,
        executor: Executor,
        task: DeliveryTask,
        policy: DeliveryPolicy,
        success: Success,
        *,
        seconds_left: float,
    ) -> Outcome:
        """See first_attempt."""


def first_attempt(
    executor: Executor, task: DeliveryTask, policy: DeliveryPolicy, success: Success, *, seconds_left: float
) -> Outcome:
    """What becomes of a task. `seconds_left` is what the function may still take."""
    settings = executor.settings
    budget = settings.send_seconds if policy.may_queue else settings.wait_seconds
    budget = min(budget, max(0.1, seconds_left - AFTERWARDS_SECONDS))
    claim = Claim(
        key=task.key,
        fingerprint=task.fingerprint,
        seconds=seconds_left + LEASE_MARGIN,
        budget=budget,
        event_id=task.event_id,
        former=policy.former,
    )

    def carry_out(step: Step) -> Result:
        nonlocal task
        match step:
            case TryClaim():
                verdict = executor.record(step, claim, success)
                if isinstance(verdict, Claimed | InFlight) and verdict.identity is not None:
                    # A record keeps its former name, and the worker finds it by the task's.
                    identity = verdict.identity
                    task = replace(task, key=identity.key, fingerprint=identity.fingerprint)
                return verdict
            case Send():
                (outcome,) = executor.sender.send([task], [step], seconds=budget)
                if isinstance(outcome, UpstreamError):
                    history.explain(task.event_id, outcome.reason)
                return outcome
            case Enqueue():
                if policy.queue is QueuePolicy.FIRST:
                    history.explain(task.event_id, "queue first")
                return executor.enqueue(task)
        return executor.record(step, claim, success)

    return carried_out(protocol.first_attempt(policy), carry_out)
