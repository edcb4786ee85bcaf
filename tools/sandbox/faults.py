"""The scripted faults, and which of them a request meets."""

from __future__ import annotations

import random
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from tools.sandbox.rules import FORMS, TAKES_EFFECT, checked
from tools.systems.vendor import Json


@dataclass(kw_only=True)
class Fault:
    """One rule: which requests it applies to, and what happens to them.

    `system` and `path` (a regular expression, searched in the raw path below the vendor's base) narrow it
    down. `next` ends it after so many requests; `share` (0…1) lets it meet some of them, the same ones for
    the same `seed`. `status`, `headers`, `body` change the answer. `seconds`: the wait of delay and hang,
    and the pause after each byte of drip. `size`: the bytes of huge. `taken`: see TAKES_EFFECT.
    """

    id: int
    fault: str
    system: str | None = None
    path: str | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float | None = None
    size: int = 64 * 1024 * 1024
    next: int | None = None
    share: float | None = None
    seed: int = 0
    taken: bool | None = None
    fired: int = 0

    def __post_init__(self) -> None:
        """Seed the random choice of `share`."""
        self._pattern = re.compile(self.path or "")
        self._chance = random.Random(self.seed)

    @property
    def takes_effect(self) -> bool:
        """Whether the vendor does what was asked."""
        return TAKES_EFFECT[self.fault] if self.taken is None else self.taken

    def meets(self, system: str, path: str) -> bool:
        """Whether the fault applies to this request; decided at random where there is a `share`."""
        if self.system not in (None, system) or not self._pattern.search(path):
            return False
        if self.next is not None and self.fired >= self.next:
            return False
        return self.share is None or self._chance.random() < self.share

    def data(self) -> Json:
        """The rule as it was given, with `id` and `fired`."""
        shown = {name: getattr(self, name) for name in ("id", *FORMS, "fired")}
        return {name: value for name, value in shown.items() if value is not None}


class Faults:
    """The rules in the order in which they were added: the first that applies to a request wins."""

    def __init__(self, systems: Collection[str]) -> None:
        """No faults yet. `systems`: the known vendors."""
        self._systems = systems
        self._rules: list[Fault] = []
        self._given = 0

    def add(self, rule: Json) -> Fault:
        """Add a rule received over HTTP. Raises ValueError saying what is wrong with it."""
        fault = Fault(id=self._given + 1, **checked(rule, self._systems))
        self._given += 1
        self._rules.append(fault)
        return fault

    def for_request(self, system: str, path: str) -> Fault | None:
        """The fault that applies to this request, if any; it has then fired."""
        for rule in self._rules:
            if rule.meets(system, path):
                rule.fired += 1
                return rule
        return None

    def data(self) -> Json:
        """All rules, with how often each fired."""
        return [rule.data() for rule in self._rules]

    def clear(self, number: int | None = None) -> bool:
        """Delete one rule, or all; False if there is no such rule."""
        left = [] if number is None else [rule for rule in self._rules if rule.id != number]
        found = number is None or len(left) < len(self._rules)
        self._rules = left
        return found
