"""An outage and its backlog, event by event, with the worker's own waits and circuit breaker.

One worker is simulated, with its share of the arrivals and of what SQS lets be in flight: workers do not know
of each other, so that each sees the same. Nothing here sleeps; `_Worker.now` is the only clock.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.errors import Transient
from gateway.core.reply import Reply
from gateway.delivery.circuit_breaker import CircuitBreaker
from gateway.delivery.queue import SPARING_RECEIVES, backoff
from gateway.delivery.redelivery import WINDOW_SECONDS
from gateway.delivery.sending import WORKER_MARGIN
from tools.operator.drain.capacity import BATCH_SECONDS, RECORD_SECONDS

IN_FLIGHT = 120_000
"""What SQS lets be in flight per queue, approximately:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"""

POSTPONE_SECONDS = 0.005
"""What ChangeMessageVisibility takes; messages are postponed side by side."""

_DOWN = Transient("unavailable", reply=Reply(status=503))


@dataclass(frozen=True, kw_only=True)
class Workers:
    """A system's workers; times in seconds."""

    workers: int
    batch: int
    sends_at_once: int
    window: float
    timeout: float
    wait_seconds: float


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A vendor answers 503 after `failing` seconds for `seconds`, and in `latency` from then on; `rate`
    events per second are queued meanwhile, and none later."""

    seconds: float
    rate: float
    latency: float = 0.2
    failing: float = 0.2


@dataclass(frozen=True, kw_only=True)
class Drained:
    """How it ended. `seconds`: from the vendor's return until the queue was empty."""

    seconds: float
    delivered: int
    dead: int
    most_in_flight: int
    most_receives: int


@dataclass(slots=True)
class _Message:
    queued_at: float
    receives: int = 0


def simulate(workers: Workers, outage: Outage, *, give_up_after: float = 48 * 3600) -> Drained:
    """What becomes of the outage's events. Raises AssertionError if the queue is not empty in time."""
    return _Worker(workers, outage).run(give_up_after)


class _Worker:
    def __init__(self, workers: Workers, outage: Outage) -> None:
        self.now = 0.0
        self._workers = workers
        self._outage = outage
        self._breaker = CircuitBreaker(lambda: self.now)
        self._every = workers.workers / outage.rate
        self._arrived = 0
        self._visible: deque[_Message] = deque()
        self._asleep: list[tuple[float, int, _Message]] = []
        self._slept = 0
        self._most_in_flight = 0
        self._most_receives = 0
        self._delivered = self._dead = 0
        self._was_open = False

    def run(self, give_up_after: float) -> Drained:
        last = self._outage.seconds
        while True:
            self._look()
            if not self._visible and not self._asleep and self.now >= self._outage.seconds:
                break
            assert self.now < self._outage.seconds + give_up_after, f"{self._left} events are left"
            free = IN_FLIGHT // self._workers.workers - len(self._asleep)
            if not self._visible or free <= 0:
                self.now = self._next()
                continue
            if len(self._visible) < self._workers.batch:
                self.now += self._workers.window
                self._look()
            count = min(self._workers.batch, len(self._visible), free)
            self._batch([self._visible.popleft() for _ in range(count)])
            last = max(last, self.now)
        return Drained(
            seconds=last - self._outage.seconds,
            delivered=self._delivered,
            dead=self._dead,
            most_in_flight=self._most_in_flight * self._workers.workers,
            most_receives=self._most_receives,
        )

    @property
    def _left(self) -> int:
        return len(self._visible) + len(self._asleep)

    def _look(self) -> None:
        """What can be received now."""
        while (at := self._arrived * self._every) <= min(self.now, self._outage.seconds):
            self._visible.append(_Message(at))
            self._arrived += 1
        while self._asleep and self._asleep[0][0] <= self.now:
            self._visible.append(heapq.heappop(self._asleep)[2])

    def _next(self) -> float:
        """When there may be something to receive."""
        arrival = self._arrived * self._every
        times = [self._asleep[0][0]] if self._asleep else []
        if arrival <= self._outage.seconds:
            times.append(arrival)
        return max(self.now, min(times, default=self._outage.seconds))

    def _batch(self, messages: Sequence[_Message]) -> None:
        """Send them side by side; postpone what was not delivered."""
        self._most_in_flight = max(self._most_in_flight, len(self._asleep) + len(messages))
        waiting = deque(messages)
        deadline = self.now + self._workers.timeout
        later: list[tuple[_Message, float | None, bool]] = []
        sends: list[tuple[float, int, bool, float, _Message]] = []
        started = 0
        while waiting or sends:
            while waiting and len(sends) < self._workers.sends_at_once:
                wait = self._breaker.wait
                self._was_open = self._was_open or wait > 0
                if self._was_open and not wait and sends:
                    break  # half open: one send is let through, and the others wait for its end
                message = waiting.popleft()
                message.receives += 1
                if wait:
                    later.append((message, wait, True))
                elif deadline - self.now < self._workers.wait_seconds + WORKER_MARGIN:
                    later.append((message, None, False))
                else:
                    up = self.now >= self._outage.seconds
                    took = self._outage.latency if up else self._outage.failing
                    heapq.heappush(sends, (self.now + RECORD_SECONDS + took, started, up, self.now, message))
                    started += 1
            if sends:
                self.now, _, up, began, message = heapq.heappop(sends)
                self._breaker.note(None if up else _DOWN, began=began)
                self._was_open = self._was_open and not up
                if up:
                    self._delivered += 1
                elif self.now - message.queued_at > WINDOW_SECONDS:
                    self._dead += 1
                else:
                    later.append((message, None, True))
        probed = False
        for message, asked, finds_out in later:
            self.now += POSTPONE_SECONDS / self._workers.sends_at_once
            if finds_out or message.receives > SPARING_RECEIVES:
                seconds = backoff(message.receives, asked=asked, probe=finds_out and not probed, scale=1)
            else:
                seconds = 0  # as for NoTime
            probed = probed or finds_out
            self._slept += 1
            self._most_receives = max(self._most_receives, message.receives)
            heapq.heappush(self._asleep, (self.now + seconds, self._slept, message))
        self.now += BATCH_SECONDS
