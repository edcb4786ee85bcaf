"""How many queued events a system's workers can deliver per second: the formula of docs/operations.md."""

from __future__ import annotations

from math import ceil

RECORD_SECONDS = 0.01
"""What an event's claim and its record take beside its send: two writes to DynamoDB of about 5 ms."""

BATCH_SECONDS = 0.15
"""What a batch takes besides its events: poll, invocation, what is read first, deletion."""


def capacity(
    *, workers: int, batch: int, sends_at_once: int, latency: float, events_per_send: int = 1
) -> float:
    """Events per second, if the vendor answers each send in `latency` seconds, however many come at once.

    A worker sends a batch in rounds of `sends_at_once`, and takes the next one when it is done.
    """
    rounds = ceil(batch / (sends_at_once * events_per_send))
    return workers * batch / (rounds * (latency + RECORD_SECONDS) + BATCH_SECONDS)
