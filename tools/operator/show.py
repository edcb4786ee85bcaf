"""One dead letter, in full or without what is personal."""

from __future__ import annotations

import base64
import json
from typing import Any

from rich.table import Table
from rich.text import Text

from gateway.call import Call
from tools.operator.letters import Held
from tools.operator.survey import as_json

HIDDEN = "not shown: may hold personal data (--body)"


def shown(held: Held, *, body: bool) -> Table:
    """A table of names and values. `body` adds the scope, what was to be sent, and the upstream's words."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")

    def row(name: str, value: object) -> None:
        if value is not None:
            table.add_row(name, Text(str(value)))

    for name, value in json.loads(as_json(held)).items():
        row(name, value)
    call = held.letter.call
    row("key", call.key if call else None)
    if not body:
        row("message", HIDDEN)
        return table
    for name, value in _parts(call).items() if call else {"message": held.letter.message}.items():
        row(name, value)
    if held.letter.body is not None:
        row("upstream said", _text(held.letter.body))
    return table


def _parts(call: Call) -> dict[str, Any]:
    payload = dict(call.payload)
    if isinstance(payload.get("body"), str):
        payload["body"] = _text(base64.b64decode(payload["body"]))
    return {"scope": ", ".join(call.scope)} | payload


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"{len(body)} bytes that are not UTF-8, in base64: {base64.b64encode(body).decode()}"
