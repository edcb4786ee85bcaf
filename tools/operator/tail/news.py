"""What one log line says of its event, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.operator.life import words
from tools.operator.life.life import Outcome, iso
from tools.operator.life.lines import BATCH, REDELIVERY, ids, line_of, number
from tools.operator.life.standing import outcome_of


@dataclass(frozen=True, kw_only=True)
class News:
    """How an event stands after a line. `at`: Unix seconds; `status`: what the app got, None for a worker's.

    `tries`: requests that left; `milliseconds`: of the call, or of the worker's tries; `why` may be empty; of
    a batch, it counts the items.
    """

    at: float
    id: str
    system: str
    endpoint: str
    outcome: Outcome
    status: int | None
    tries: int
    milliseconds: float
    why: str

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "time": iso(self.at),
            "id": self.id,
            "system": self.system or None,
            "endpoint": self.endpoint or None,
            "outcome": self.outcome.value,
            "status": self.status,
            "tries": self.tries,
            "milliseconds": round(self.milliseconds, 1),
            "reason": self.why or None,
        }

    def text(self) -> str:
        """For people."""
        parts = (
            iso(self.at)[11:23],
            self.id,
            f"{self.system or '-'} {self.endpoint}".rstrip().ljust(32),
            self.outcome.value.ljust(11),
            f"{self.status or '':>3}",
            (words.milliseconds(self.milliseconds) if self.milliseconds else "").rjust(9),
            words.reason(self.why),
        )
        return " ".join(parts).rstrip()


def news(fields: Mapping[str, Any]) -> News | None:
    """What a line tells; None for one that reports no event."""
    line = line_of(fields)
    if line is None or line.message in ("fault", "queue failed"):
        return None
    outcome, why = outcome_of(line)
    if line.message == BATCH and not why:
        why = words.counts(line.deliveries)
    is_worker = line.message == REDELIVERY
    took = sum(number(each.get("milliseconds")) for each in line.tries)
    return News(
        at=line.at,
        id=next(iter(ids(fields)), ""),
        system=line.text("system"),
        endpoint=line.text("endpoint"),
        outcome=outcome,
        status=None if is_worker else int(line.number("status")),
        tries=len(line.tries),
        milliseconds=took if is_worker else line.number("milliseconds"),
        why=why,
    )
