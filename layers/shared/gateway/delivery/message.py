"""A message of a system's queue, as Lambda hands it to the redelivery."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from gateway.core.data import dataclass
from gateway.core.message import Opaque
from gateway.core.task import DeliveryTask, NewerVersion, PayloadReader


@dataclass(frozen=True)
class Message:
    """One SQS message; `receives` counts this one, `sent_at` is Unix seconds (0: SQS does not say)."""

    id: str
    receipt: str
    text: str
    receives: int
    sent_at: float
    payload: PayloadReader = Opaque

    @classmethod
    def of(cls, record: Mapping[str, Any], payload: PayloadReader = Opaque) -> Self:
        """The message in a record of a Lambda event."""
        return cls(
            id=record["messageId"],
            receipt=record["receiptHandle"],
            text=record["body"],
            receives=int(record["attributes"]["ApproximateReceiveCount"]),
            sent_at=int(record["attributes"].get("SentTimestamp", 0)) / 1000,
            payload=payload,
        )

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
            return DeliveryTask.loads(self.text, self.payload)
        except ValueError as error:
            return error

    def age(self, now: float) -> float:
        """Seconds since it was queued, by SQS's clock; since its receipt where SQS does not say."""
        return now - (self.sent_at or (self.task.received_at if self.task else now))

    def is_past(self, seconds: float, now: float) -> bool:
        """Whether its task was received, and last queued, longer ago than `seconds`."""
        received_at = self.task.received_at if self.task else now
        return now - max(received_at, self.sent_at) > seconds
