"""OneSignal's rate limits per app, per user or subscription, and for views.

https://documentation.onesignal.com/reference/rate-limits: 1,000 updates a second per app, one a second per
user or subscription, one view a second per app; limits are "per app and per endpoint". A 429 has an integer
`Retry-After` and `limit`, of which only `App ID` is published.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from tools.systems.vendor import Response, json_response

RATES: dict[str, float] = {"updates_per_app": 1000, "updates_per_user": 1, "views_per_app": 1}
"""Requests a second."""

JITTER_SECONDS = 0.1
"""A caller that keeps to the rate may be this early: two machines' clocks and a network lie between."""

_KEPT = 10_000

type Use = tuple[str, str, str]
"""What a request uses up: a rate, whose it is, and what OneSignal calls it."""


class Limits:
    """`rates` are in requests a second; a second's worth may come at once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: in seconds."""
        self.rates = dict(RATES)
        self._clock = clock
        self._free_at: dict[tuple[str, str], float] = {}

    def refusal(self, uses: list[Use]) -> Response | None:
        """A 429 if a limit is reached, and then nothing is used up."""
        now = self._clock()
        for rate, whose, name in uses:
            if (wait := self._wait(rate, whose, now)) > 0:
                return _too_many(name, math.ceil(wait))
        for rate, whose, _ in uses:
            free_at = max(now, self._free_at.get((rate, whose), now))
            self._free_at[rate, whose] = free_at + 1 / self.rates[rate]
        if len(self._free_at) > _KEPT:
            self._free_at = {use: free_at for use, free_at in self._free_at.items() if free_at > now}
        return None

    def _wait(self, rate: str, whose: str, now: float) -> float:
        at_once = max(0.0, 1 - 1 / self.rates[rate]) + JITTER_SECONDS
        return self._free_at.get((rate, whose), now) - at_once - now


def _too_many(name: str, seconds: int) -> Response:
    body = {"errors": ["API rate limit exceeded"], "limit": name}
    answer = json_response(429, body, "refused")
    return replace(answer, headers=(*answer.headers, ("Retry-After", str(seconds))))
