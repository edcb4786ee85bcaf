"""What went through each system lately: counted, and how its vendor answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COUNTED = ("Accepted", "Delivered", "Redelivered", "Unknown", "SetupFailure")
"""The metrics that are summed."""

BREAKER_SECONDS = 60.0
"""A breaker that is open says so in a line at least as often, if anything is sent or waits."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """A system's, of the time asked for.

    `delivered`: at once or from the queue. `failed`: calls that were neither delivered nor queued. `p50`,
    `p95`: milliseconds that the vendor took, None if it was not called. `oldest`: seconds that the oldest
    queued event waits, None if that is unknown. `breaker_open`: whether events were kept from the vendor in
    the last minute because it failed too often, None if the log does not say.
    """

    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    setup_failures: int = 0
    p50: float | None = None
    p95: float | None = None
    oldest: float | None = None
    breaker_open: bool | None = None


def traffic_of(counted: Mapping[str, float], **given: float | bool | None) -> Traffic:
    """Traffic of sums by the metrics' names; `given` are the other fields."""
    number = {name: round(counted.get(name, 0)) for name in COUNTED}
    return Traffic(
        accepted=number["Accepted"],
        delivered=number["Delivered"] + number["Redelivered"],
        failed=number["Unknown"],
        setup_failures=number["SetupFailure"],
        **given,  # type: ignore[arg-type]
    )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The value that `percent` of 100 do not exceed, between the two nearest ones; None without values."""
    if not values:
        return None
    ranked, last = sorted(values), len(values) - 1
    below, part = divmod(last * percent, 100)
    return (ranked[below] * (100 - part) + ranked[min(below + 1, last)] * part) / 100
