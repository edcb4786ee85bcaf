"""The requests behind an event's tries, as the sandbox of a local run received and answered them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from tools.errors import CommandError
from tools.operator import secret
from tools.operator.life.life import Life
from tools.operator.stack import Stack
from tools.operator.trace.exchanges import exchanges
from tools.places import TEMPLATE
from tools.sandbox.client import Entry, Sandbox
from tools.send.running import Running
from tools.template.reader import Template

MASK = "••••"


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
    credentials = _credentials(stack, life.system)
    return {place: _masked(entry, credentials) for place, entry in found.items()}


def _sandbox(system: str) -> str | None:
    try:
        running = Running.found(os.environ)
    except CommandError:
        return None
    return running.sandbox(system, Template.read(TEMPLATE))


def _credentials(stack: Stack, system: str) -> list[str]:
    """As they are and as a URL has them, longest first: one may be a part of another."""
    if not stack.has_secret(system):
        return []
    known: list[str] = []
    with suppress(CommandError):
        document = secret.read(stack.client("secretsmanager"), stack.secret(system))
        known = [value for value in secret.credentials(document).values() if isinstance(value, str) and value]
    return sorted({*known, *map(quote_plus, known)}, key=len, reverse=True)


def _masked(entry: Entry, credentials: Iterable[str]) -> Sent:
    def masked(text: str) -> str:
        for credential in credentials:
            text = text.replace(credential, MASK)
        return text

    return Sent(
        method=entry.method,
        target=masked(entry.target.removeprefix(f"/{entry.system}")),
        body=masked(entry.content.decode(errors="replace")),
        answer=masked(entry.answer.content.decode(errors="replace")) if entry.answer else None,
    )
