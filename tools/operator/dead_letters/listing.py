"""What is among the dead letters, counted and shown without anybody's data."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from tools.operator.dead_letters.queue import DeadLetterQueue, ReceivedLetter
from tools.operator.dead_letters.selection import Choice
from tools.operator.duration import spoken
from tools.operator.output import notes, table
from tools.operator.stack import Stack


def box(stack: Stack, system: str) -> DeadLetterQueue:
    """A system's dead letters, closed."""
    sqs = stack.client("sqs")
    return DeadLetterQueue(sqs, system, dead_letters=stack.dead_letters(system), queue=stack.queue(system))


def found(
    stack: Stack, systems: Iterable[str], choice: Choice
) -> tuple[dict[str, list[ReceivedLetter]], int]:
    """The letters of each system that a choice takes, all of them in their queues again; and about how many
    others could not be looked at, as another command holds them."""
    boxes = {system: box(stack, system) for system in systems}

    def read(box: DeadLetterQueue) -> tuple[list[ReceivedLetter], int]:
        with box as opened:
            now = time.time()
            return [held for held in opened if choice.takes(held, now)], opened.hidden

    with notes.status("Reading dead letters"), ThreadPoolExecutor() as pool:
        letters = dict(zip(boxes, pool.map(read, boxes.values()), strict=True))
    return {system: held for system, (held, _) in letters.items()}, sum(
        hidden for _, hidden in letters.values()
    )


def summary(letters: Iterable[ReceivedLetter]) -> Table:
    """A line for each system, endpoint and error: how many, the oldest and the newest."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    now = time.time()
    for held in letters:
        groups.setdefault((held.system, held.endpoint, held.error), []).append(now - held.buried_at)
    ages_of = ("letters", "oldest", "newest")
    shown = table("system", "endpoint", "error", *ages_of, right=ages_of)
    for names, ages in sorted(groups.items()):
        cells = [*names, str(len(ages)), spoken(max(ages)), spoken(min(ages))]
        shown.add_row(*map(Text, cells))
    return shown


def listing(letters: Iterable[ReceivedLetter]) -> Table:
    """A line for each letter."""
    numbers = ("tries", "dead for")
    shown = table("id", "system", "endpoint", "error", *numbers, right=numbers, whole={"id": 26})
    now = time.time()
    for held in letters:
        cells = [held.id, held.system, held.endpoint, held.error, str(held.letter.receives)]
        shown.add_row(*map(Text, cells), spoken(now - held.buried_at))
    return shown


def data(held: ReceivedLetter) -> dict[str, Any]:
    """A letter for JSON; times in ISO 8601."""
    call = held.letter.task
    return {
        "id": held.id,
        "system": held.system,
        "endpoint": held.endpoint,
        "reason": held.letter.reason,
        "status": held.letter.status,
        "tries": held.letter.receives,
        "received": _iso(call.received_at) if call else None,
        "expires": _iso(call.expires_at) if call and call.expires_at is not None else None,
        "dead_since": _iso(held.buried_at),
        "message_id": held.message_id,
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
