"""One dead letter, in full or without what is personal."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

from rich.table import Table
from rich.text import Text

from gateway.core.task import DeliveryTask
from tools.operator.dead_letters.listing import data
from tools.operator.dead_letters.queue import ReceivedLetter

HIDDEN = "not shown: may hold personal data (--body)"


def shown(held: ReceivedLetter, *, body: bool) -> Table:
    """`details` as a table of names and values, without those that there are none of."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")

    for name, value in details(held, body=body).items():
        if value is not None:
            table.add_row(name.replace("_", " "), Text(str(value)))
    if not body:
        table.add_row("message", HIDDEN)
    return table


def details(held: ReceivedLetter, *, body: bool) -> dict[str, Any]:
    """A letter for JSON, with the name of its record. `body` adds the scope, what was to be sent, and the
    upstream's words."""
    task = held.letter.task
    found = data(held) | {"key": task.key if task else None}
    if not body:
        return found
    answer = held.letter.body
    return (
        found
        | (_parts(task) if task else {"message": held.letter.message})
        | {"upstream_said": None if answer is None else _text(answer)}
    )


def _parts(task: DeliveryTask) -> dict[str, Any]:
    payload = dict(task.payload)
    if isinstance(payload.get("body"), str):
        with suppress(ValueError):  # shown as it is where it is no base64
            payload["body"] = _text(base64.b64decode(payload["body"]))
    return {"scope": ", ".join(task.scope)} | payload


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"{len(body)} bytes that are not UTF-8, in base64: {base64.b64encode(body).decode()}"
