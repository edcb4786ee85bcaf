"""What sends one system's tasks to its upstream: behind circuit breakers, together or one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from gateway.core import history
from gateway.core.clock import passed
from gateway.core.errors import NotYet, Refused, Setup, Transient, Unsent, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.core.telemetry import count, log, took
from gateway.delivery.circuit_breaker import CircuitBreaker
from gateway.delivery.steps import Send

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


class Sender:
    """One system's upstream and its circuit breakers. Threads share it."""

    def __init__(
        self,
        system: str,
        upstream: Upstream,
        *,
        check: Callable[[DeliveryTask, Reply], object] = lambda task, reply: None,
        settled: Callable[[Reply], bool] = settled_by_nothing,
        lane: Callable[[DeliveryTask], str] = lambda task: "",
        scale: float = 1,
    ) -> None:
        """`check` judges a success further: see Contract; `settled`: see System. Tasks of one `lane` share a
        circuit breaker: what one of them finds out about the upstream holds for all. `scale`: see
        CircuitBreaker."""
        self.upstream = upstream
        self.lane = lane
        self.circuit_breakers: dict[str, CircuitBreaker] = {}
        self._system = system
        self._check = check
        self._settled = settled
        self._scale = scale

    def circuit_breaker(self, lane: str) -> CircuitBreaker:
        """The circuit breaker of a lane."""
        found = self.circuit_breakers.get(lane)
        return found or self.circuit_breakers.setdefault(lane, CircuitBreaker(scale=self._scale))

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
            with history.About(*(task.event_id for task in tasks)) as about:
                outcomes = self._sent(tasks, time.monotonic() + seconds)
                about.ended(outcomes)
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
            log.warning("sent one by one", system=self._system, tasks=len(tasks), reason=type(error).__name__)
        except UpstreamError as error:
            return [error] * len(tasks)
        except Exception as error:
            return [self._fault(error, tasks)] * len(tasks)
        finally:
            took(self._system, time.monotonic() - started)
        return [
            self._sent_by_itself(task, end)
            if time.monotonic() < end - LEAST_SECONDS
            else NotYet("no time", tried=False)
            for task in tasks
        ]

    def _sent_by_itself(self, task: DeliveryTask, end: float) -> Reply | UpstreamError:
        with history.About(task.event_id):
            return self._sent_alone(task, end)

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
            took(self._system, time.monotonic() - started)
        return reply

    def _fault(self, error: Exception, tasks: Sequence[DeliveryTask]) -> Transient:
        """A fault of ours may pass with the next release: what may be queued is, and a batch's other messages
        are not held up by one."""
        log.exception("fault", system=self._system, event_ids=[task.event_id for task in tasks])
        count(self._system, "Fault")
        tried = not isinstance(error, Unsent)
        return Transient("fault", may_have_arrived=tried, tried=tried)

    def _judged(
        self, task: DeliveryTask, outcome: Reply | UpstreamError, step: Send
    ) -> Reply | UpstreamError:
        if isinstance(outcome, Setup):
            account = task.payload.account or None
            log.error("setup failure", system=self._system, account=account, reason=outcome.reason)
            count(self._system, "SetupFailure")
        if isinstance(outcome, Refused) and step.may_have_arrived and self._settled(outcome.reply):
            return Reply(status=200)
        return outcome
