"""A life as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from tools.operator.life import words
from tools.operator.life.life import Kind, Life, Step
from tools.operator.output import table
from tools.operator.trace.bodies import Sent
from tools.operator.trace.record import RecordState

SHOWN = 300
"""Characters of a body in the table; JSON has all."""


def heading(life: Life) -> Text:
    """Which event it is, and how it ended."""
    whose = " ".join(filter(None, (life.id, life.system, life.endpoint)))
    return Text.assemble(f"{whose}: ", (life.outcome.value, words.color(life.outcome) or "green"))


def listing(life: Life, sent: Mapping[int, Sent]) -> Table:
    """A row per step, and a row for each request that is known."""
    shown = table("time (UTC)", "after", "what happened", right=("after",), whole={"time (UTC)": 12})
    for place, step in enumerate(life.steps):
        at = datetime.fromtimestamp(step.at, UTC).strftime("%H:%M:%S.%f")[:-3]
        after = words.elapsed(step.at - life.received)
        shown.add_row(at, after, Text(step.text, style=_style(step)))
        if request := sent.get(place):
            said = f"{request.method} {request.target} {_beginning(request.body)}".rstrip()
            shown.add_row("", "", Text(said, style="dim"))
            if request.answer:
                shown.add_row("", "", Text(f"→ {_beginning(request.answer)}", style="dim"))
    return shown


def data(life: Life, sent: Mapping[int, Sent], record: RecordState | None) -> dict[str, Any]:
    """For JSON: the life, each try with its request (`sent`), and the record, where they are known."""
    found = life.data() | ({"record": record.data()} if record else {})
    for place, request in sent.items():
        found["steps"][place]["sent"] = request.data()
    return found


def _beginning(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _style(step: Step) -> str:
    if step.kind is Kind.TRY:
        return "" if step.outcome in ("delivered", "answered") else "yellow"
    return "bold" if step.kind is Kind.END else ""
