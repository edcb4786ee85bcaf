"""The redelivery of a system's queue: takes a batch of messages, returns those that stay in the queue."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from gateway.core import history
from gateway.core.data import dataclass
from gateway.core.task import DeliveryTask, PayloadReader
from gateway.core.telemetry import count, flush, log
from gateway.delivery import protocol
from gateway.delivery.attempt import Pending
from gateway.delivery.erasure import Forgotten, Tombstones
from gateway.delivery.executor import Executor, carried_out
from gateway.delivery.message import Message
from gateway.delivery.outcomes import (
    Dead,
    Done,
    Dropped,
    Ending,
    Expired,
    Fate,
    Held,
    Later,
    Newer,
    NoTime,
    Unrecorded,
    Waiting,
)
from gateway.delivery.pace import Pace
from gateway.delivery.queue import QUEUE_SECONDS, SPARING_RECEIVES, backoff
from gateway.delivery.sending import WORKER_MARGIN, Sending, keep
from gateway.delivery.strands import side_by_side

WINDOW_SECONDS = 24 * 3600
"""A task is tried for a day after it was queued. The first try after that is the last, whenever it comes; if
it fails, the task becomes a dead letter, and an operator may redrive it for another day."""

KEEP_SECONDS = 13 * 24 * 3600
"""After so long a message becomes a dead letter, however few tries it had: SQS drops it a day later."""


@dataclass(frozen=True)
class Unwanted:
    """Concerns only erased users; the message is deleted."""


METRICS: Mapping[type[Fate | Unwanted], str] = {
    Done: "Redelivered",
    Dropped: "Dropped",
    Dead: "DeadLetter",
    Expired: "Expired",
    Unwanted: "Forgotten",
    Held: "Held",
    Waiting: "Waiting",
    Later: "Retried",
}
"""The counter of each kind of fate; the first that fits."""


class Redelivery:
    """Redelivers what one system's queue holds."""

    def __init__(
        self,
        executor: Executor,
        *,
        tombstones: Tombstones,
        payload: PayloadReader,
        unknown_tries: Callable[[DeliveryTask], float],
        claims: Callable[[DeliveryTask], bool] = lambda task: True,
    ) -> None:
        """Its settings are the executor's; `payload`, `unknown_tries` and `claims`: see System."""
        self._executor = executor
        self._payload = payload
        self._unknown_tries = unknown_tries
        self._claims = claims
        self._tombstones = tombstones
        self._paces: dict[str, Pace] = {}

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        """Work on an SQS event; the answer lists the messages that stay (`ReportBatchItemFailures`)."""
        deadline = time.monotonic() + (context.get_remaining_time_in_millis() / 1000 if context else 60)
        messages = [Message.of(record, self._payload) for record in event["Records"]]

        def seconds_left() -> float:
            return deadline - time.monotonic()

        events = Counter(message.task.event_id for message in messages if message.task)
        for event_id, copies in events.items():
            if copies == 1:  # what is noted of several could not be told apart
                history.begin(event_id)
        fates = self._fates(messages, seconds_left)
        waits: dict[str, int] = {}
        probed: set[str] = set()
        counts: Counter[str] = Counter()
        for message, fate in zip(messages, fates, strict=True):
            kind = next(kind for kind in METRICS if isinstance(fate, kind))
            counts[METRICS[kind]] += 1
            if isinstance(fate, Later):
                lane = self._executor.sender.lane(message.task) if message.task else ""
                waits[message.receipt] = self._wait(message, fate, probe=lane not in probed)
                probed |= {lane} if fate.finds_out else set()
            self._report(message, fate, kind, waits.get(message.receipt))
        self._postpone(waits, seconds_left)
        for name, number in counts.items():
            count(self._executor.system, name, number)
        flush(self._executor.system)
        staying = (message for message in messages if message.receipt in waits)
        return {"batchItemFailures": [{"itemIdentifier": message.id} for message in staying]}

    def _postpone(self, waits: Mapping[str, int], seconds_left: Callable[[], float]) -> None:
        """Let messages wait; those that no time is left for wait for the queue's own visibility timeout."""

        def postpone(receipt: str) -> None:
            if seconds_left() > QUEUE_SECONDS:
                self._executor.postpone(receipt, waits[receipt])

        nothing = [frozenset[Hashable]()] * len(waits)
        threads = self._executor.settings.sends_at_once
        side_by_side([partial(postpone, receipt) for receipt in waits], nothing, threads=threads)

    def _fates(self, messages: list[Message], seconds_left: Callable[[], float]) -> list[Fate | Unwanted]:
        fates: dict[str, Fate | Unwanted] = {}
        sending: dict[str, Pending] = {}
        forgotten = self._tombstones.read()
        for message in messages:
            match self._before_sending(message, forgotten, seconds_left):
                case Pending() as pending:
                    sending[message.id] = pending
                case fate:
                    fates[message.id] = fate
        sent = self.send(list(sending.values()), seconds_left=seconds_left) if sending else []
        fates |= dict(zip(sending, sent, strict=True))
        return [fates[message.id] for message in messages]

    def _before_sending(
        self, message: Message, forgotten: Forgotten | None, seconds_left: Callable[[], float]
    ) -> Pending | Fate | Unwanted:
        """The task of a message, or the message's fate where nothing is to be sent."""
        now = time.time()
        task, is_ending = message.task, message.age(now) > KEEP_SECONDS
        # A worker that is killed would have to do all of it again.
        may_end_it = seconds_left() > WORKER_MARGIN
        if task is None:
            return self._unread(message, is_ending=is_ending) if may_end_it else NoTime()
        if forgotten is None and not is_ending:
            return Unrecorded()
        left = task if forgotten is None else forgotten.spare(task)
        if left is None:
            return Unwanted()
        pending = Pending(
            task=left,
            text=message.text if left is task else left.dumps(),
            receives=message.receives,
            # A task that expires is tried until then.
            last=task.expires_at is None and message.is_past(WINDOW_SECONDS, now),
        )
        if is_ending and task.expires_at is None:
            return self.give_up(pending, Ending.WINDOW_OVER) if may_end_it else NoTime()
        return pending

    def _unread(self, message: Message, *, is_ending: bool) -> Fate:
        """What becomes of a text that is no task of this release."""
        if message.is_newer and not is_ending:
            return Newer()
        reason = Ending.NEWER_VERSION if message.is_newer else Ending.UNREADABLE
        return carried_out(
            protocol.dead_lettered(reason),
            lambda step: self._executor.dead_letter(message.text, reason, None, message.receives),
        )

    def give_up(self, pending: Pending, reason: Ending) -> Fate:
        """Make a queued task a dead letter, unless another copy of it was delivered."""
        claim = pending.claim(seconds=WORKER_MARGIN)
        return carried_out(
            protocol.giving_up(reason), lambda step: keep(self._executor, step, claim, pending)
        )

    def send(self, sending: Sequence[Pending], *, seconds_left: Callable[[], float]) -> list[Fate]:
        """Send queued tasks side by side: what becomes of each."""
        return Sending(self._executor, self._unknown_tries, self._claims, seconds_left, self._pace).of(
            sending
        )

    def _pace(self, lane: str) -> Pace:
        settings = self._executor.settings
        per_second = settings.requests_per_second / settings.delivery_concurrency
        new = Pace(settings.sends_at_once, per_second=per_second, scale=settings.retry_scale)
        return self._paces.setdefault(lane, new)

    def _wait(self, message: Message, fate: Later, *, probe: bool) -> int:
        if isinstance(fate, NoTime) and message.receives <= SPARING_RECEIVES:
            return 0
        return backoff(
            message.receives,
            asked=fate.seconds,
            # What waits for its own turn would find out nothing about the upstream.
            probe=probe and (fate.error is None or fate.finds_out),
            scale=self._executor.settings.retry_scale,
            spaced=fate.spaced,
        )

    def _report(
        self, message: Message, fate: Fate | Unwanted, kind: type[Fate | Unwanted], wait: int | None
    ) -> None:
        task = message.task
        log.info(
            "redelivery",
            system=self._executor.system,
            endpoint=task.endpoint if task else None,
            event_id=task.event_id if task else None,
            fate=kind.__name__.lower(),
            receives=message.receives,
            age=round(time.time() - task.received_at, 3) if task else None,
            wait=wait,
            **(history.told(task.event_id) if task else {}) | {"reason": getattr(fate, "reason", None)},
        )
