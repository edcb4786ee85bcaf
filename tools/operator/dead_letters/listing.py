"""Dead letters as tables and JSON, without personal data unless a command asks for it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from gateway.core.task import DeliveryTask
from tools.operator.dead_letters.queue import ReceivedLetter
from tools.operator.duration import spoken
from tools.operator.output import table

HIDDEN = "not shown: may contain personal data (--body)"


def summary(letters: Iterable[ReceivedLetter]) -> Table:
    """A row per system, endpoint and error: how many, the oldest and the newest."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    now = time.time()
    for received in letters:
        key = (received.system, received.endpoint, received.error)
        groups.setdefault(key, []).append(now - received.dead_since)
    ages_of = ("letters", "oldest", "newest")
    shown = table("system", "endpoint", "error", *ages_of, right=ages_of)
    for names, ages in sorted(groups.items()):
        cells = [*names, str(len(ages)), spoken(max(ages)), spoken(min(ages))]
        shown.add_row(*map(Text, cells))
    return shown


def listing(letters: Iterable[ReceivedLetter]) -> Table:
    """A row per dead letter."""
    letters = list(letters)
    account = ["account"] if any(received.account for received in letters) else []
    numbers = ("tries", "dead for")
    columns = ("id", "system", *account, "endpoint", "error", *numbers)
    shown = table(*columns, right=numbers, whole={"id": 26})
    now = time.time()
    for received in letters:
        cells = [
            received.id,
            received.system,
            *([received.account] if account else []),
            received.endpoint,
            received.error,
            str(received.letter.receives),
        ]
        shown.add_row(*map(Text, cells), spoken(now - received.dead_since))
    return shown


def data(received: ReceivedLetter) -> dict[str, Any]:
    """A dead letter for JSON; times in ISO 8601."""
    task = received.letter.task
    return {
        "id": received.id,
        "system": received.system,
        "endpoint": received.endpoint,
        "account": received.account or None,
        "reason": received.letter.reason,
        "status": received.letter.status,
        "tries": received.letter.receives,
        "received": _iso(task.received_at) if task else None,
        "expires": _iso(task.expires_at) if task and task.expires_at is not None else None,
        "dead_since": _iso(received.dead_since),
        "message_id": received.message_id,
    }


def details_table(found: Mapping[str, Any], *, body: bool) -> Table:
    """`details` as a table of names and values; absent values are left out."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in found.items():
        if value is not None:
            table.add_row(name.replace("_", " "), Text(_written(value)))
    if not body:
        table.add_row("message", HIDDEN)
    return table


def details(received: ReceivedLetter, *, body: bool) -> dict[str, Any]:
    """A dead letter for JSON, with the key of its idempotency record.

    `body` adds the scope, the outbound message, and the vendor's answer.
    """
    task = received.letter.task
    found = data(received) | {"key": task.key if task else None}
    if not body:
        return found
    answer = received.letter.body
    return (
        found
        | (_message(task) if task else {"message": received.letter.message})
        | {"upstream_said": None if answer is None else _text(answer)}
    )


def _message(task: DeliveryTask) -> dict[str, Any]:
    payload = task.payload.data()
    if isinstance(payload.get("body"), str):
        with suppress(ValueError):  # shown as it is where it is no base64
            payload["body"] = _text(base64.b64decode(payload["body"]))
    return {"scope": ", ".join(task.scope)} | payload


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"{len(body)} bytes that are not UTF-8, in base64: {base64.b64encode(body).decode()}"


def _written(value: Any) -> str:
    """Headers, queries and rows as JSON, so that they can be copied."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
