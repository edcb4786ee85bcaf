"""The interface of every event store: tasks in, and for each one whether its row is durable."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from gateway.core.errors import Refused, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from track.stores.record import Record, record_of

SEND_SECONDS = 1.8


class Store(ABC):
    """One open event store. Not thread-safe: `EventStore` has threads take turns.

    A row carries its task's event id, and a store takes an id once (Firehose: its view shows it once), so a
    task of unknown outcome may always be sent again.
    """

    def prepare(self) -> None:
        """Nothing: the store is already open."""
        return

    def send(self, task: DeliveryTask, *, seconds: float = SEND_SECONDS) -> Reply:
        """Store one row durably within `seconds`: status 201.

        Raises Transient (`may_have_arrived`: the row may be stored), Setup, or Refused with status 400
        and the reason as its body.
        """
        [failure] = self.send_many([task], seconds=seconds)
        if failure is not None:
            raise failure
        return Reply(status=201)

    def send_many(
        self, tasks: Sequence[DeliveryTask], *, seconds: float = SEND_SECONDS
    ) -> list[UpstreamError | None]:
        """Store the rows of several tasks within `seconds`; for each, in order: None, or its failure."""
        deadline = time.monotonic() + seconds
        failures: list[UpstreamError | None] = [None] * len(tasks)
        records: dict[int, Record] = {}
        for index, task in enumerate(tasks):
            try:
                records[index] = record_of(task)
            except Refused as failure:
                failures[index] = failure
        if records:
            for index, outcome in zip(records, self._put(list(records.values()), deadline), strict=True):
                failures[index] = outcome
        return failures

    @abstractmethod
    def _put(self, records: Sequence[Record], deadline: float) -> list[UpstreamError | None]:
        """Store records, at least one, until `deadline` (monotonic); the outcomes are aligned with them."""

    def close(self) -> None:
        """Close connections; the store may be used again afterwards."""
        return
