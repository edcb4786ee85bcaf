"""A system's dead-letter queue: reads dead letters without losing one, sends them again, drops them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from types import TracebackType
from typing import Any, Self

from gateway.delivery.dead_letters import DeadLetter
from gateway.delivery.outcomes import Ending
from tools.operator.backlog import backlog

VISIBILITY_SECONDS = 900
"""How long a received letter is hidden from other readers unless it is released earlier. Whatever happens to
the command, the letter is visible again afterwards."""

_OUTCOME_UNKNOWN_IN_0_1_0 = "unknown outcome"

WAIT_SECONDS = 1
"""Long polling asks all of SQS's servers, so that an empty response means an empty queue."""


@dataclass(frozen=True, kw_only=True)
class ReceivedLetter:
    """A dead letter that a command has received, hidden from other readers meanwhile.

    `id` is the event id, which the app and the logs know, or the SQS message id where the message cannot be
    read; `dead_since` is Unix seconds.
    """

    message_id: str
    receipt: str
    system: str
    letter: DeadLetter
    dead_since: float

    @classmethod
    def of(cls, system: str, message: dict[str, Any]) -> Self:
        """The dead letter in an SQS message."""
        letter = DeadLetter.loads(message["Body"])
        sent = int(message["Attributes"]["SentTimestamp"]) / 1000
        return cls(
            message_id=message["MessageId"],
            receipt=message["ReceiptHandle"],
            system=system,
            letter=letter,
            dead_since=letter.died_at or sent,
        )

    @property
    def id(self) -> str:
        """See the class."""
        task = self.letter.task
        return task.event_id if task else self.message_id

    @property
    def endpoint(self) -> str:
        """The endpoint's name, or `?` where the message cannot be read."""
        task = self.letter.task
        return task.endpoint if task else "?"

    @property
    def account(self) -> str:
        """The project or app that the event is for; empty for the stack's own, or if it cannot be read."""
        task = self.letter.task
        return task.payload.account if task else ""

    @property
    def error(self) -> str:
        """Why it was given up, with the vendor's status: `refused (400)`."""
        status = self.letter.status
        return self.letter.reason if status is None else f"{self.letter.reason} ({status})"

    @property
    def may_have_arrived(self) -> bool:
        """Whether the vendor may already have it, so that another try may count it twice there."""
        return self.letter.reason in (Ending.OUTCOME_UNKNOWN, _OUTCOME_UNKNOWN_IN_0_1_0)

    def is_expired(self, now: float) -> bool:
        """Whether it has expired by its contract: the worker would drop it unsent."""
        task = self.letter.task
        return task is not None and task.expires_at is not None and task.expires_at <= now


class DeadLetterQueue:
    """A system's dead-letter queue for the length of a `with` block; iterating receives each letter once.

    What was neither redriven nor dropped is released at the end.
    """

    def __init__(self, sqs: Any, system: str, *, dead_letters: str, queue: str) -> None:
        """`sqs`: a boto3 client; `dead_letters` and `queue`: queue URLs."""
        self._sqs = sqs
        self._system = system
        self._dead_letters = dead_letters
        self._queue = queue
        self._received: dict[str, ReceivedLetter] = {}

    def __enter__(self) -> Self:
        """Receives nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release what is left."""
        for some in batched(self._received.values(), 10, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": received.receipt, "VisibilityTimeout": 0}
                for number, received in enumerate(some)
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._dead_letters, Entries=entries)
        self._received.clear()

    def __iter__(self) -> Iterator[ReceivedLetter]:
        """Every dead letter that no other reader has received."""
        seen: set[str] = set()
        while found := self._receive():
            new = [received for received in found if received.message_id not in seen]
            if not new:  # their visibility timeouts are over, and SQS starts again
                return
            seen |= {received.message_id for received in new}
            yield from new

    @property
    def hidden(self) -> int:
        """How many letters other readers have received, by SQS's approximate count."""
        return max(0, backlog(self._sqs, self._dead_letters).in_flight - len(self._received))

    def redrive(self, received: ReceivedLetter) -> None:
        """Send the message to the system's queue unchanged, and only then delete the dead letter.

        If this is interrupted between the two, both exist; the idempotency record lets one through.
        """
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=received.letter.message)
        self.drop(received)

    def drop(self, received: ReceivedLetter) -> None:
        """Delete the dead letter."""
        self._sqs.delete_message(QueueUrl=self._dead_letters, ReceiptHandle=received.receipt)
        self._received.pop(received.message_id, None)

    def _receive(self) -> list[ReceivedLetter]:
        found = self._sqs.receive_message(
            QueueUrl=self._dead_letters,
            MaxNumberOfMessages=10,
            VisibilityTimeout=VISIBILITY_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        letters = [ReceivedLetter.of(self._system, message) for message in found.get("Messages", [])]
        self._received |= {received.message_id: received for received in letters}
        return letters


@dataclass
class Pace:
    """At most `rate` steps per second, evenly spaced."""

    rate: float
    _next: float = 0.0

    def wait(self) -> None:
        """Sleep until the next step is due."""
        pause = self._next - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._next = time.monotonic() + 1 / self.rate
