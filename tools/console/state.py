"""The run's queues, dead letters and client keys, read by the operator's own code."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

from tools.masks import Masks
from tools.operator import stack_masks
from tools.operator.backlog import backlog
from tools.operator.client_keys import listing
from tools.operator.dead_letters import actions
from tools.operator.dead_letters.queue import ReceivedLetter
from tools.operator.dead_letters.selection import dead_letter_queue
from tools.operator.hold import item
from tools.operator.stack import Stack

REDRIVE, DROP = "redrive", "drop"
_METRICS = {REDRIVE: "Redriven", DROP: "OperatorDropped"}

FRESH_SECONDS = 1.0
"""How old an answer may be: several pages ask for the same."""


class State:
    """A local stack's. Each method asks the local AWS, may take seconds, and is for any thread."""

    def __init__(self, stack: Stack, masks: Masks, further: Iterable[str] = ()) -> None:
        """`masks` learn the stack's credentials; `further`: other values to hide."""
        self._stack, self._masks, self._further = stack, masks, tuple(further)
        self._lock = threading.Lock()
        self._letters: dict[str, tuple[int, list[ReceivedLetter]]] = {}
        self._read_at = 0.0
        self._data: dict[str, Any] = {}

    def data(self) -> dict[str, Any]:
        """For JSON: `systems`, `keys`, `dead_letters`. Raises CommandError and botocore's errors."""
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._data = self._read()
                self._read_at = time.monotonic()
            return self._data

    def learn(self) -> bool:
        """Tell the masks the credentials; whether there are new keys. Raises as `data` does."""
        return stack_masks.learn(self._masks, self._stack, self._further)

    def act(self, action: str, ids: Iterable[str]) -> dict[str, list[str]]:
        """Redrive or drop dead letters by event id: those `done`, and those that are `missing` or expired."""
        wanted = set(ids)
        done: list[str] = []
        with self._lock:
            for system in self._stack.systems:
                with dead_letter_queue(self._stack, system) as queue:
                    number = 0
                    for received in queue if wanted else ():
                        if received.id not in wanted:
                            continue
                        if action == DROP:
                            actions.discard(self._stack, queue, received)
                        elif received.is_expired(time.time()):
                            continue
                        else:
                            actions.redrive(self._stack, queue, received)
                        wanted.remove(received.id)
                        done.append(received.id)
                        number += 1
                actions.count(self._stack, system, _METRICS[action], number)
            self._letters.clear()
            self._read_at = 0.0
        return {"done": done, "missing": sorted(wanted)}

    def _read(self) -> dict[str, Any]:
        sqs, now = self._stack.client("sqs"), time.time()
        systems, letters = [], []
        for system in self._stack.systems:
            queued = backlog(sqs, self._stack.queue(system))
            dead = backlog(sqs, self._stack.dead_letters(system)).all
            hold = item.read(self._stack, system) if self._stack.has_records(system) else None
            letters += self._dead(system, dead)
            systems.append(
                {
                    "name": system,
                    "queued": queued.waiting,
                    "in_flight": queued.in_flight,
                    "dead_letters": dead,
                    "held": hold is not None and hold.until > now,
                }
            )
        return {
            "systems": systems,
            "keys": [_key(row) for row in listing.rows(stack_masks.documents(self._stack))],
            "dead_letters": [_letter(each, now) for each in sorted(letters, key=lambda one: -one.dead_since)],
        }

    def _dead(self, system: str, count: int) -> list[ReceivedLetter]:
        """To read a dead letter hides it from others for a moment, so that only a new count is a reason."""
        before, letters = self._letters.get(system, (0, []))
        if count != before:
            with dead_letter_queue(self._stack, system) as queue:
                letters = list(queue)
            self._letters[system] = count, letters
        return letters


def _key(row: listing.Row) -> dict[str, Any]:
    data = row.data(time.time())
    return {
        "id": data["id"],
        "name": data["name"],
        "systems": data["systems"],
        "allow": data["allows"],
        "expires": data["expires"],
        "state": data["state"],
    }


def _letter(received: ReceivedLetter, now: float) -> dict[str, Any]:
    return {
        "id": received.id,
        "system": received.system,
        "endpoint": received.endpoint,
        "error": received.error,
        "age_seconds": round(now - received.dead_since),
    }
