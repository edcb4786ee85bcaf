"""Holds the faults that were scripted, and decides which request meets which."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from tools.sandbox.exchange import Json

TAKES_EFFECT = {
    "status": False,
    "delay": True,
    "hang": False,
    "reset": False,
    "accept-then-reset": True,
    "malformed-json": False,
    "html": False,
    "truncated-body": True,
    "empty": False,
    "redirect": False,
    "huge": False,
    "drip": True,
    "success-false": False,
}
"""Every kind of fault, and whether the vendor still does what was asked unless the rule's `taken` differs."""

_FORMS: dict[str, tuple[type, ...]] = {
    "fault": (str,),
    "system": (str,),
    "path": (str,),
    "status": (int,),
    "headers": (dict,),
    "body": (str, dict, list),
    "seconds": (int, float),
    "size": (int,),
    "next": (int,),
    "share": (int, float),
    "seed": (int,),
    "taken": (bool,),
}


@dataclass(kw_only=True)
class Fault:
    """One rule: which requests it meets, and what becomes of them.

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
        """Start the chance of `share` from the seed."""
        self._pattern = re.compile(self.path or "")
        self._chance = random.Random(self.seed)

    @property
    def takes_effect(self) -> bool:
        """Whether the vendor does what was asked."""
        return TAKES_EFFECT[self.fault] if self.taken is None else self.taken

    def meets(self, system: str, path: str) -> bool:
        """Whether this request meets the fault; draws its lot where `share` says so."""
        if self.system not in (None, system) or not self._pattern.search(path):
            return False
        if self.next is not None and self.fired >= self.next:
            return False
        return self.share is None or self._chance.random() < self.share

    def data(self) -> Json:
        """The rule as it was given, with `id` and `fired`."""
        shown = {name: getattr(self, name) for name in ("id", *_FORMS, "fired")}
        return {name: value for name, value in shown.items() if value is not None}


class Faults:
    """The rules, in the order in which they were given: the first that meets a request decides."""

    def __init__(self) -> None:
        """No faults."""
        self._rules: list[Fault] = []
        self._given = 0

    def add(self, rule: Json) -> Fault:
        """Take a rule as it came over HTTP. Raises ValueError saying what is wrong with it."""
        fault = Fault(id=self._given + 1, **_checked(rule))
        self._given += 1
        self._rules.append(fault)
        return fault

    def for_request(self, system: str, path: str) -> Fault | None:
        """The fault that this request meets, if any; it has then fired."""
        for rule in self._rules:
            if rule.meets(system, path):
                rule.fired += 1
                return rule
        return None

    def data(self) -> Json:
        """All rules, with how often each fired."""
        return [rule.data() for rule in self._rules]

    def clear(self, number: int | None = None) -> None:
        """Forget one rule, or all."""
        self._rules = [] if number is None else [rule for rule in self._rules if rule.id != number]


def _checked(rule: Json) -> dict[str, Any]:
    if not isinstance(rule, dict) or "fault" not in rule:
        raise ValueError("a fault is an object with the key `fault`")
    for name, value in rule.items():
        if name not in _FORMS:
            raise ValueError(f"`{name}` is none of {', '.join(_FORMS)}")
        if not isinstance(value, _FORMS[name]) or (isinstance(value, bool) and name != "taken"):
            raise ValueError(f"`{name}` is not {' or '.join(form.__name__ for form in _FORMS[name])}")
    if rule["fault"] not in TAKES_EFFECT:
        raise ValueError(f"`fault` is one of {', '.join(TAKES_EFFECT)}")
    if not 100 <= rule.get("status", 200) <= 599:
        raise ValueError("`status` is 100 to 599")
    try:
        re.compile(rule.get("path", ""))
    except re.error as error:
        raise ValueError(f"`path` is no regular expression: {error}") from error
    return dict(rule)
