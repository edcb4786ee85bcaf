"""One call of the API as the console knows it, from its receipt to the last log line about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tools.console.message import Message
from tools.operator.life.life import Life, Outcome, iso
from tools.operator.life.telling import life_of

IN_PROGRESS = "in progress"
PREFLIGHT = "preflight"
"""A browser's question before a page's call. It is no event: no log line tells of it."""

_BY_DELIVERY = {
    "delivered": Outcome.DELIVERED,
    "queued": Outcome.QUEUED,
    "rejected": Outcome.REJECTED,
    "unknown": Outcome.FAILED,
}
"""Of `Gateway-Delivery`, for calls that no log line tells of."""


@dataclass(kw_only=True)
class Event:
    """A call. `number`: of the front. `at`: Unix seconds. `source`: `app` or `console`. `lines`: the log
    lines about it, as text. `delivery`: its answer's `Gateway-Delivery`. `changed`: which change of
    all events was its last.

    What life tells is kept, because thousands of events are listed and few are opened.
    """

    number: int
    at: float
    source: str
    request: Message
    response: Message | None = None
    milliseconds: float | None = None
    id: str | None = None
    delivery: str = ""
    lines: list[str] = field(default_factory=list)
    changed: int = 0
    outcome: str = IN_PROGRESS
    tries: int = 0
    system: str | None = None
    endpoint: str | None = None

    def answered(self, response: Message, milliseconds: float) -> None:
        """The front has answered it; what the lines tell is to be learned."""
        self.response = response
        self.milliseconds = milliseconds
        headers = {name.lower(): value for name, value in reversed(response.headers)}
        self.id = headers.get("gateway-event-id") or None
        self.delivery = headers.get("gateway-delivery", "")

    def learn(self) -> None:
        """Take over what the lines tell."""
        if self.response is None:
            return
        life = self.life() if self.lines else None
        if life is None or life.outcome is Outcome.UNKNOWN:
            self.outcome = self._without_lines()
            return
        self.outcome, self.tries = life.outcome.value, life.tries
        self.system, self.endpoint = life.system or None, life.endpoint or None

    def life(self) -> Life | None:
        """Its life; None for a call without an event id."""
        return None if self.id is None else life_of(self.id, map(json.loads, self.lines))

    @property
    def size(self) -> int:
        """What its headers and bodies hold in memory, about in bytes."""
        return self.request.room + (self.response.room if self.response else 0)

    def forget(self) -> None:
        """Make room for newer events."""
        self.request = self.request.forgotten()
        self.response = self.response.forgotten() if self.response else None

    def summary(self) -> dict[str, Any]:
        """A row of the list, for JSON."""
        return {
            "number": self.number,
            "id": self.id,
            "time": iso(self.at),
            "system": self.system,
            "endpoint": self.endpoint,
            "method": self.request.start["method"],
            "path": self.request.start["target"],
            "status": self.response.start["status"] if self.response else None,
            "milliseconds": None if self.milliseconds is None else round(self.milliseconds, 1),
            "outcome": self.outcome,
            "tries": self.tries,
            "from": self.source,
        }

    def holds(self, text: str) -> bool:
        """Whether the text, in lower case, is in its path, headers or bodies."""
        target = str(self.request.start["target"])
        if text in target.lower() or text in (self.id or "").lower():
            return True
        sought = text.encode()
        return any(
            sought in message.body.lower()
            or any(text in f"{name}: {value}".lower() for name, value in message.headers)
            for message in (self.request, self.response)
            if message
        )

    def _without_lines(self) -> str:
        if delivery := _BY_DELIVERY.get(self.delivery):
            return delivery.value
        status = self.response.start["status"] if self.response else 0
        if status >= 500:
            return Outcome.FAILED.value
        if status >= 400:
            return Outcome.REJECTED.value
        return PREFLIGHT if self.request.start["method"] == "OPTIONS" else Outcome.UNKNOWN.value
