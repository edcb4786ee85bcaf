"""The requests behind an event's tries, as the sandbox of a local run received and answered them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from tools.errors import CommandError
from tools.local.credentials import CLIENT_KEY
from tools.masks import Masks
from tools.operator import stack_masks
from tools.operator.life.life import Life
from tools.operator.stack import Stack
from tools.operator.trace.exchanges import exchanges
from tools.places import TEMPLATE
from tools.sandbox.client import Entry, Sandbox
from tools.send.running import Running
from tools.template.reader import Template


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request and its answer, credentials masked. `target` is below the base URL; `answer` is the
    body's beginning, None where nothing was answered."""

    method: str
    target: str
    body: str
    answer: str | None

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {"method": self.method, "target": self.target, "body": self.body, "answer": self.answer}


def sent_requests(stack: Stack, life: Life) -> dict[int, Sent]:
    """The requests of a life's steps, by the step's place; those that the sandbox did not receive are absent.

    Raises botocore's errors.
    """
    if not any(step.request for step in life.steps) or not (url := _sandbox(life.system)):
        return {}
    try:
        found = exchanges(life, Sandbox(url))
    except (OSError, ValueError):  # a sandbox that has ended tells nothing
        return {}
    masks = Masks(CLIENT_KEY)
    stack_masks.learn(masks, stack)
    return {place: _masked(entry, masks) for place, entry in found.items()}


def _sandbox(system: str) -> str | None:
    try:
        running = Running.found(os.environ)
    except CommandError:
        return None
    return running.sandbox(system, Template.read(TEMPLATE))


def _masked(entry: Entry, masks: Masks) -> Sent:
    return Sent(
        method=entry.method,
        target=masks.text(entry.target.removeprefix(f"/{entry.system}")),
        body=masks.text(entry.content.decode(errors="replace")),
        answer=masks.text(entry.answer.content.decode(errors="replace")) if entry.answer else None,
    )
