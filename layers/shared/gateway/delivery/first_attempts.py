"""The first attempt at several delivery tasks, within their API call: send them, or have them queued."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from gateway.core.task import DeliveryTask
from gateway.delivery import protocol
from gateway.delivery.executor import Executor
from gateway.delivery.first_attempt import AFTERWARDS_SECONDS
from gateway.delivery.outcomes import Outcome
from gateway.delivery.policy import DeliveryPolicy
from gateway.delivery.steps import Result, Send, Step

ANSWER_SECONDS = 1.0
"""What remains of it once several tasks are queued: to answer for each."""


def first_attempts(
    executor: Executor,
    tasks: Sequence[DeliveryTask],
    policies: Sequence[DeliveryPolicy],
    *,
    seconds_left: float,
) -> list[Outcome]:
    """What becomes of several tasks: those to send leave together, at most `at_once`, then those to queue.

    No key is claimed: a task whose policy asks for that may only be queued, for the worker to claim it.
    """
    deadline = time.monotonic() + seconds_left
    protocols = [protocol.first_attempt(DeliveryPolicy(queue=policy.queue)) for policy in policies]
    outcomes: dict[int, Outcome] = {}
    waiting: dict[int, Step] = {}

    def proceed(results: Mapping[int, Result]) -> None:
        for index, result in results.items():
            try:
                waiting[index] = protocols[index].send(result)
            except StopIteration as end:
                waiting.pop(index, None)
                outcomes[index] = end.value

    proceed(dict.fromkeys(range(len(tasks))))
    budget = min(executor.settings.send_seconds, max(0.1, seconds_left - AFTERWARDS_SECONDS))
    sends = {index: step for index, step in waiting.items() if isinstance(step, Send)}
    while sends:
        group = {index: sends.pop(index) for index in list(sends)[: executor.sender.upstream.at_once]}
        sent = executor.sender.send([tasks[index] for index in group], list(group.values()), seconds=budget)
        proceed(dict(zip(group, sent, strict=True)))
    # What is left is to be queued, at first or after its send.
    queue = [tasks[index] for index in waiting]
    if queue:
        seconds = max(0.0, deadline - time.monotonic() - ANSWER_SECONDS)
        proceed(dict(zip(list(waiting), executor.enqueue_many(queue, seconds=seconds), strict=True)))
    return [outcomes[index] for index in range(len(tasks))]
