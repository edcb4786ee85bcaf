"""What every event store offers: Calls in, and for each of them whether its row is durable."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from gateway.call import Call, Reply
from gateway.errors import Refused, UpstreamError
from track.stores.record import Record, record_of


class Store(ABC):
    """One open event store. Not for threads: a function works on one event at a time.

    A row carries its Call's event id, and a store takes an id once (Firehose: its view shows it once), so a
    Call whose fate is unknown may always be sent again.
    """

    def send(self, call: Call) -> Reply:
        """Store one row durably: status 201.

        Raises Transient (`unanswered` if the row may have been stored), Setup, or Refused with status 400
        and the reason as its body.
        """
        [failure] = self.send_many([call])
        if failure is not None:
            raise failure
        return Reply(status=201)

    def send_many(self, calls: Sequence[Call]) -> list[UpstreamError | None]:
        """Store the rows of many Calls at once; aligned with `calls`: None if stored, else the failure."""
        failures: list[UpstreamError | None] = [None] * len(calls)
        records: dict[int, Record] = {}
        for index, call in enumerate(calls):
            try:
                records[index] = record_of(call)
            except Refused as failure:
                failures[index] = failure
        if records:
            for index, outcome in zip(records, self._put(list(records.values())), strict=True):
                failures[index] = outcome
        return failures

    @abstractmethod
    def _put(self, records: Sequence[Record]) -> list[UpstreamError | None]:
        """Store records, at least one; the outcomes are aligned with them."""

    def close(self) -> None:
        """Give up connections; the store may be used again afterwards."""
        return
