"""One bad row must not cost another: a batch that fails on its data is halved until bad rows are alone."""

from collections.abc import Callable, Sequence

from gateway.core.errors import Refused, Transient, UpstreamError
from track.stores.record import Record


def put_bisected(
    records: Sequence[Record], put: Callable[[Sequence[Record]], None]
) -> list[UpstreamError | None]:
    """Put records at once, or in ever smaller parts; outcomes are aligned with `records`.

    `put` stores all of its records or none, and raises Refused when the data of at least one breaks it. Any
    other UpstreamError ends the work: it is the outcome of that part, and nothing more is sent.
    """
    outcomes: list[UpstreamError | None] = [None] * len(records)
    parts = [range(len(records))]
    stopped: UpstreamError | None = None
    while parts:
        part = parts.pop()
        try:
            if stopped is not None:
                raise stopped
            put([records[index] for index in part])
        except Refused as failure:
            if len(part) > 1:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
            else:
                outcomes[part[0]] = failure
        except UpstreamError as failure:
            for index in part:
                outcomes[index] = failure
            # What follows this part is not sent, so its outcome is known.
            stopped = Transient(failure.reason) if isinstance(failure, Transient) else failure
    return outcomes
