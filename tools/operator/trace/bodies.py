"""The requests behind an event's tries, as the sandbox of a local run received them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.core.history import digest
from tools.errors import CommandError
from tools.operator import secret
from tools.operator.life.life import Life
from tools.operator.stack import Stack
from tools.places import TEMPLATE
from tools.sandbox.client import Entry, Sandbox
from tools.send.running import Running
from tools.template.reader import Template

MASK = "••••"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request, credentials masked. `target` is below the vendor's base URL."""

    method: str
    target: str
    body: str

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {"method": self.method, "target": self.target, "body": self.body}


def sent_requests(stack: Stack, life: Life) -> dict[int, Sent]:
    """The requests of a life's steps, by the step's place; those that the sandbox did not receive are absent.

    Equal requests of several events are told apart by their times. Raises botocore's errors.
    """
    wanted = {place: step for place, step in enumerate(life.steps) if step.request}
    if not wanted or not (url := _sandbox(life.system)):
        return {}
    try:
        entries = Sandbox(url).ledger(life.system)
    except (OSError, ValueError):
        return {}
    digests = {step.request for step in wanted.values()}
    left = [(entry, _digest(entry)) for entry in entries if entry.at >= life.received - 1]
    left = [(entry, name) for entry, name in left if name in digests]
    credentials = _credentials(stack, life.system)
    found: dict[int, Sent] = {}
    for place, step in wanted.items():
        same = [pair for pair in left if pair[1] == step.request]
        if same:
            nearest = min(same, key=lambda pair: abs(pair[0].at - step.at))
            left.remove(nearest)
            found[place] = _masked(nearest[0], credentials)
    return found


def _sandbox(system: str) -> str | None:
    try:
        running = Running.found(os.environ)
    except CommandError:
        return None
    return running.sandbox(system, Template.read(Path(TEMPLATE)))


def _target(entry: Entry) -> str:
    return entry.target.removeprefix(f"/{entry.system}")


def _digest(entry: Entry) -> str:
    return digest(entry.method, _target(entry), entry.content)


def _credentials(stack: Stack, system: str) -> list[str]:
    """Longest first: one may be a part of another."""
    if not stack.has_secret(system):
        return []
    known: list[str] = []
    with suppress(CommandError):
        document = secret.read(stack.client("secretsmanager"), stack.secret(system))
        known = [value for value in secret.credentials(document).values() if isinstance(value, str) and value]
    return sorted(known, key=len, reverse=True)


def _masked(entry: Entry, credentials: Iterable[str]) -> Sent:
    target, body = _target(entry), entry.content.decode(errors="replace")
    for credential in credentials:
        target, body = target.replace(credential, MASK), body.replace(credential, MASK)
    return Sent(method=entry.method, target=target, body=body)
