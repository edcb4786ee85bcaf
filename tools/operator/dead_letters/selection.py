"""Which dead letters a command is about, and how they are found without losing one."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools.operator.dead_letters.queue import DeadLetterQueue, ReceivedLetter
from tools.operator.output import notes
from tools.operator.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Dead letters that meet every condition given. Ages are in seconds since the event was given up.

    `ids` are event ids, or SQS message ids where a message cannot be read; `error` is part of the reason, or
    the vendor's status.
    """

    ids: frozenset[str] = frozenset()
    endpoint: str | None = None
    error: str | None = None
    older: float | None = None
    newer: float | None = None

    def includes(self, received: ReceivedLetter, now: float) -> bool:
        """Whether a dead letter meets the conditions."""
        age = now - received.dead_since
        return (
            (not self.ids or bool(self.ids & {received.id, received.message_id}))
            and self.endpoint in (None, received.endpoint)
            and (self.error is None or self._has_error(received))
            and (self.older is None or age >= self.older)
            and (self.newer is None or age < self.newer)
        )

    def _has_error(self, received: ReceivedLetter) -> bool:
        return self.error == str(received.letter.status) or str(self.error) in received.letter.reason


@dataclass(frozen=True, kw_only=True)
class Found:
    """The selected dead letters by system, all of them back in their queues.

    `hidden`: about how many others could not be read, because another command has received them.
    """

    by_system: dict[str, list[ReceivedLetter]]
    hidden: int

    @property
    def all(self) -> list[ReceivedLetter]:
        """Of every system."""
        return [received for each in self.by_system.values() for received in each]


def dead_letter_queue(stack: Stack, system: str) -> DeadLetterQueue:
    """A system's dead-letter queue, not entered yet."""
    sqs = stack.client("sqs")
    return DeadLetterQueue(sqs, system, dead_letters=stack.dead_letters(system), queue=stack.queue(system))


def find(stack: Stack, systems: Iterable[str], selection: Selection) -> Found:
    """Read the dead letters of these systems and return those that were selected."""
    queues = {system: dead_letter_queue(stack, system) for system in systems}

    def read(queue: DeadLetterQueue) -> tuple[list[ReceivedLetter], int]:
        with queue:
            now = time.time()
            return [received for received in queue if selection.includes(received, now)], queue.hidden

    with notes.status("Reading dead letters"), ThreadPoolExecutor() as pool:
        read_by_system = dict(zip(queues, pool.map(read, queues.values()), strict=True))
    return Found(
        by_system={system: letters for system, (letters, _) in read_by_system.items()},
        hidden=sum(hidden for _, hidden in read_by_system.values()),
    )
