"""The redelivery of a system's queue: a batch of messages in, those that must stay out."""

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.core.task import DeliveryTask, NewerVersion
from gateway.core.telemetry import count, flush, log
from gateway.delivery.first_attempt import WORKER_MARGIN, Delivery, Waiting
from gateway.delivery.protocol import (
    WINDOW_OVER,
    Dead,
    Done,
    Dropped,
    Expired,
    Fate,
    Later,
    NoTime,
    Unrecorded,
)
from gateway.delivery.queue import SPARING_RECEIVES, backoff

NEWER_VERSION = "newer version"

WINDOW_SECONDS = 24 * 3600
"""A Call is tried for a day after it was queued. The next try after that is the last, whenever it comes; if
it fails, the task is an operator's, who may queue it for another day."""

KEEP_SECONDS = 13 * 24 * 3600
"""However little was tried: after so long a message is made a dead letter. SQS would drop it a day later."""


@dataclass(frozen=True)
class Message:
    """One SQS message as Lambda hands it over; `receives` counts this one, `sent_at` is Unix seconds."""

    id: str
    receipt: str
    text: str
    receives: int
    sent_at: float

    @cached_property
    def task(self) -> DeliveryTask | None:
        """The task, None for a text that is none, or that only a newer release can read."""
        return None if isinstance(self._read, ValueError) else self._read

    @property
    def is_newer(self) -> bool:
        """Whether a newer release can read it: functions are updated in any order, and rolled back."""
        return isinstance(self._read, NewerVersion)

    @cached_property
    def _read(self) -> DeliveryTask | ValueError:
        try:
            return DeliveryTask.loads(self.text)
        except ValueError as error:
            return error

    def age(self, now: float) -> float:
        """Seconds since it was queued, by SQS's clock; since its receipt where SQS does not say."""
        return now - (self.sent_at or (self.task.received_at if self.task else now))


@dataclass(frozen=True)
class Unwanted:
    """About nobody but people who asked to be forgotten; the message goes."""


METRICS: Mapping[type[Fate | Unwanted], str] = {
    Done: "Redelivered",
    Dropped: "Dropped",
    Dead: "DeadLetter",
    Expired: "Expired",
    Unwanted: "Forgotten",
    Later: "Retried",
}
"""What each kind of fate is counted as."""


class Worker:
    """Redelivers what one system's queue holds."""

    def __init__(self, delivery: Delivery, subject_fields: Set[str] = frozenset()) -> None:
        """Its settings are the delivery's; `people`: see System."""
        self._delivery = delivery
        self._people = subject_fields

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        """Work on an SQS event; the answer lists the messages that stay (`ReportBatchItemFailures`)."""
        deadline = time.monotonic() + (context.get_remaining_time_in_millis() / 1000 if context else 60)
        messages = [_message(record) for record in event["Records"]]
        fates = self._fates(messages, lambda: deadline - time.monotonic())
        staying = []
        probe = True
        for message, fate in zip(messages, fates, strict=True):
            self._report(message, fate)
            if isinstance(fate, Later):
                staying.append({"itemIdentifier": message.id})
                self._delivery.later(message.receipt, self._wait(message, fate, probe=probe))
                probe = probe and not fate.finds_out
        flush(self._delivery.system)
        return {"batchItemFailures": staying}

    def _fates(self, messages: list[Message], seconds_left: Callable[[], float]) -> list[Fate | Unwanted]:
        now = time.time()
        fates: dict[str, Fate | Unwanted] = {}
        to_send: dict[str, Waiting] = {}
        forgotten = self._delivery.forgotten(self._people)
        for message in messages:
            is_ending = message.age(now) > KEEP_SECONDS
            task = message.task
            if task is None:
                fates[message.id] = self._unread(message, is_ending=is_ending)
                continue
            if forgotten is None and not is_ending:
                fates[message.id] = Unrecorded()
                continue
            left = forgotten.spare(task) if forgotten is not None else task
            if left is None:
                fates[message.id] = Unwanted()
                continue
            waiting = Waiting(
                task=left,
                text=message.text if left == task else left.dumps(),
                receives=message.receives,
                # A Call that expires is tried until then; see Delivery.again.
                last=task.expires_at is None
                and now - max(task.received_at, message.sent_at) > WINDOW_SECONDS,
            )
            if is_ending and task.expires_at is None:
                # A worker that is killed would have to do all of it again.
                enough = seconds_left() > WORKER_MARGIN
                fates[message.id] = self._delivery.give_up(waiting, WINDOW_OVER) if enough else NoTime()
            else:
                to_send[message.id] = waiting
        sent = self._delivery.again(list(to_send.values()), seconds_left=seconds_left)
        fates |= dict(zip(to_send, sent, strict=True))
        return [fates[message.id] for message in messages]

    def _unread(self, message: Message, *, is_ending: bool) -> Fate:
        """What becomes of a text that is no task of ours."""
        if message.is_newer and not is_ending:
            return Later(NEWER_VERSION)
        return self._bury(message, NEWER_VERSION if message.is_newer else "unreadable")

    def _bury(self, message: Message, reason: str) -> Fate:
        buried = self._delivery.dead_letter(message.text, reason, None, message.receives)
        return Dead(reason) if buried else Later("no dead letters")

    def _wait(self, message: Message, fate: Later, *, probe: bool) -> int:
        if isinstance(fate, NoTime) and message.receives <= SPARING_RECEIVES:
            return 0
        return backoff(
            message.receives,
            asked=fate.seconds,
            probe=probe,
            scale=self._delivery.settings.retry_scale,
            spaced=fate.spaced,
        )

    def _report(self, message: Message, fate: Fate | Unwanted) -> None:
        task = message.task
        kind = next(kind for kind in METRICS if isinstance(fate, kind))
        log.info(
            "redelivery",
            system=self._delivery.system,
            endpoint=task.endpoint if task else None,
            event_id=task.event_id if task else None,
            fate=kind.__name__.lower(),
            reason=getattr(fate, "reason", None),
            receives=message.receives,
            age=round(time.time() - task.received_at, 3) if task else None,
        )
        count(self._delivery.system, METRICS[kind])


def _message(record: Mapping[str, Any]) -> Message:
    return Message(
        id=record["messageId"],
        receipt=record["receiptHandle"],
        text=record["body"],
        receives=int(record["attributes"]["ApproximateReceiveCount"]),
        sent_at=int(record["attributes"].get("SentTimestamp", 0)) / 1000,
    )
