"""A system's dead letters: looked at without losing one, sent again, or dropped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from types import TracebackType
from typing import Any, Self

from gateway.delivery.protocol import OUTCOME_UNKNOWN
from gateway.delivery.queue import DeadLetter

HOLD_SECONDS = 900
"""For how long a letter that was received is hidden from others, if it is not given back before. Whatever
happens to the command, it is there again afterwards."""

_OUTCOME_UNKNOWN_IN_0_1_0 = "unknown outcome"

WAIT_SECONDS = 1
"""A receive that waits asks all of SQS's servers, so that an empty answer means an empty queue."""


@dataclass(frozen=True, kw_only=True)
class ReceivedLetter:
    """A dead letter that a command has received, and that nobody else sees meanwhile.

    `id` is the event id, by which the app and the logs know it, or SQS's own where the message cannot be
    read; `buried_at` is Unix seconds.
    """

    message_id: str
    receipt: str
    system: str
    letter: DeadLetter
    buried_at: float

    @classmethod
    def of(cls, system: str, message: dict[str, Any]) -> Self:
        """The letter in a message of SQS's."""
        letter = DeadLetter.loads(message["Body"])
        sent = int(message["Attributes"]["SentTimestamp"]) / 1000
        return cls(
            message_id=message["MessageId"],
            receipt=message["ReceiptHandle"],
            system=system,
            letter=letter,
            buried_at=letter.died_at or sent,
        )

    @property
    def id(self) -> str:
        """See the class."""
        task = self.letter.task
        return task.event_id if task else self.message_id

    @property
    def endpoint(self) -> str:
        """The endpoint's name, `?` where the message cannot be read."""
        task = self.letter.task
        return task.endpoint if task else "?"

    @property
    def error(self) -> str:
        """Why it was given up, with the upstream's status: `refused (400)`."""
        status = self.letter.status
        return self.letter.reason if status is None else f"{self.letter.reason} ({status})"

    @property
    def may_have_arrived(self) -> bool:
        """Whether the upstream may have it already: then another try may add it a second time there."""
        return self.letter.reason in (OUTCOME_UNKNOWN, _OUTCOME_UNKNOWN_IN_0_1_0)

    def is_of_no_use(self, now: float) -> bool:
        """Whether its contract says that it is of no use any more: the worker would drop it unsent."""
        task = self.letter.task
        return task is not None and task.expires_at is not None and task.expires_at <= now


class DeadLetterQueue:
    """A system's dead letters, for the length of a `with` block: iterating receives each letter once.

    What was neither `redrive`n nor `drop`ped is given back at the end.
    """

    def __init__(self, sqs: Any, system: str, *, dead_letters: str, queue: str) -> None:
        """`sqs`: a boto3 client; the others: URLs of queues."""
        self._sqs = sqs
        self._system = system
        self._dead_letters = dead_letters
        self._queue = queue
        self._held: dict[str, ReceivedLetter] = {}

    def __enter__(self) -> Self:
        """Nothing is received yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what is held."""
        for some in batched(self._held.values(), 10, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": held.receipt, "VisibilityTimeout": 0}
                for number, held in enumerate(some)
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._dead_letters, Entries=entries)
        self._held.clear()

    def __iter__(self) -> Iterator[ReceivedLetter]:
        """Every letter that nobody else holds."""
        seen: set[str] = set()
        while found := self._receive():
            new = [held for held in found if held.message_id not in seen]
            if not new:  # the holds are over and it begins anew
                return
            seen |= {held.message_id for held in new}
            yield from new

    @property
    def hidden(self) -> int:
        """How many letters others hold just now, by SQS's approximate count."""
        found = self._sqs.get_queue_attributes(
            QueueUrl=self._dead_letters, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
        )
        return max(0, int(found["Attributes"]["ApproximateNumberOfMessagesNotVisible"]) - len(self._held))

    def redrive(self, held: ReceivedLetter) -> None:
        """Send the message to the system's queue as it was, and only then delete the letter.

        Interrupted between the two, the message is in both places; its record lets one through.
        """
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=held.letter.message)
        self.drop(held)

    def drop(self, held: ReceivedLetter) -> None:
        """Delete the letter."""
        self._sqs.delete_message(QueueUrl=self._dead_letters, ReceiptHandle=held.receipt)
        self._held.pop(held.message_id, None)

    def _receive(self) -> list[ReceivedLetter]:
        found = self._sqs.receive_message(
            QueueUrl=self._dead_letters,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HOLD_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        letters = [ReceivedLetter.of(self._system, message) for message in found.get("Messages", [])]
        self._held |= {held.message_id: held for held in letters}
        return letters


@dataclass
class Pace:
    """At most `rate` steps a second, evenly."""

    rate: float
    _next: float = 0.0

    def wait(self) -> None:
        """Until the next step may be taken."""
        pause = self._next - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._next = time.monotonic() + 1 / self.rate


def ids(letters: Iterable[ReceivedLetter]) -> set[str]:
    """The messages' own ids."""
    return {held.message_id for held in letters}
