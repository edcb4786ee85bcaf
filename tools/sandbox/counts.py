"""Counts requests and their effects, so that a run of 100,000 requests can be judged without reading them."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from tools.systems.vendor import Effect, Json

LISTED = 1000
"""How many repeated effects are listed; all of them are counted."""


@dataclass
class _Tally:
    requests: int = 0
    status: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    distinct: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)


class Counts:
    """Per system: requests, statuses, verdicts, faults, and per endpoint the effects.

    An effect's key is the SHA-256 of its content, within its endpoint and scope; the times it was taken show
    what was lost (fewer `distinct` than were sent) and what was doubled (`repeated`, without the repeatable).
    """

    def __init__(self) -> None:
        """Nothing has been received."""
        self._tallies: dict[str, _Tally] = {}
        # Half a hash is enough to tell a million effects apart, and 100,000 of them stay at 16 MB.
        self._times: dict[bytes, int] = {}
        self._repeated: dict[bytes, Json] = {}

    def add(
        self,
        system: str,
        status: int | None,
        verdict: str | None,
        fault: str | None,
        effects: tuple[Effect, ...],
    ) -> None:
        """Count one request and what it did."""
        tally = self._tallies.setdefault(system, _Tally())
        tally.requests += 1
        tally.status["none" if status is None else str(status)] += 1
        if verdict is not None:
            tally.verdicts[verdict] += 1
        if fault is not None:
            tally.faults[fault] += 1
        for effect in effects:
            self._take(tally, system, effect)

    def data(self) -> Json:
        """`{"requests", "systems": {name: {"requests", "status", "verdicts", "faults", "effects": {endpoint:
        {"taken", "distinct", "repeated"}}}}, "repeated": [{"system", "endpoint", "scope", "sha256",
        "times"}]}`; the list holds the first 1,000."""
        return {
            "requests": sum(tally.requests for tally in self._tallies.values()),
            "systems": {name: _data(tally) for name, tally in self._tallies.items()},
            "repeated": [
                {**self._repeated[key], "times": self._times[key]} for key in list(self._repeated)[:LISTED]
            ],
        }

    def clear(self) -> None:
        """Start from zero."""
        self._tallies, self._times, self._repeated = {}, {}, {}

    def _take(self, tally: _Tally, system: str, effect: Effect) -> None:
        content = hashlib.sha256(effect.content).hexdigest()
        name = f"{system}\n{effect.endpoint}\n{effect.scope}\n{content}"
        key = hashlib.sha256(name.encode()).digest()[:16]
        times = self._times[key] = self._times.get(key, 0) + 1
        tally.taken[effect.endpoint] += 1
        if times == 1:
            tally.distinct[effect.endpoint] += 1
        elif times == 2 and not effect.repeatable:
            tally.repeated[effect.endpoint] += 1
            if len(self._repeated) < LISTED:
                self._repeated[key] = {
                    "system": system,
                    "endpoint": effect.endpoint,
                    "scope": effect.scope,
                    "sha256": content,
                }


def _data(tally: _Tally) -> Json:
    return {
        "requests": tally.requests,
        "status": dict(tally.status),
        "verdicts": dict(tally.verdicts),
        "faults": dict(tally.faults),
        "effects": {
            endpoint: {
                "taken": taken,
                "distinct": tally.distinct[endpoint],
                "repeated": tally.repeated[endpoint],
            }
            for endpoint, taken in tally.taken.items()
        },
    }
