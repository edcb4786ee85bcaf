"""Events that are queued before they are sent, and what keeps them: those of batch doors, and of a hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import pytest

from gateway.delivery.hold import item_key
from tests.operator.conftest import World
from tests.safety.outside import ENDPOINTS, Outside, deploy
from tests.upgrade.asking import DOOR_OF, batch_requested, requested, sent_to_queue
from tools.operator.hold import item
from tools.operator.stack import Stack
from tools.systems.registry import profiles

BATCHES, HOLDS = "batch_messages.ndjson", "holds.ndjson"
HOLD_SECONDS = 86_400

MODULES = [name for name in ENDPOINTS if "," not in name]


@dataclass(frozen=True)
class Unsent:
    """`batches`: a message per endpoint with a door. `holds`: per `system` the `item` that holds it, the same
    when it is `resuming`, and per endpoint that may queue what a held call left: `endpoint`, `message`, its
    record as `item`, and the `response` that the app received."""

    batches: list[str]
    holds: list[dict[str, Any]]

    @classmethod
    def made(cls, world: World, patch: pytest.MonkeyPatch, now: float) -> Self:
        """What this version leaves."""
        return cls(batches=_batches(patch), holds=_holds(world, patch, now))

    @classmethod
    def of(cls, folder: Path) -> Self:
        """What a release left."""
        return cls(
            batches=(folder / BATCHES).read_text().splitlines(),
            holds=[json.loads(line) for line in (folder / HOLDS).read_text().splitlines()],
        )

    @property
    def made_at(self) -> float:
        """When it received the events, Unix seconds."""
        return float(json.loads(self.batches[0])["received_at"])

    def write(self, folder: Path) -> None:
        """What `of` reads."""
        (folder / BATCHES).write_text("".join(f"{text}\n" for text in self.batches))
        (folder / HOLDS).write_text("".join(f"{json.dumps(hold)}\n" for hold in self.holds))


def records(outside: Outside) -> list[Mapping[str, Any]]:
    """The idempotency records; a table also has other items, such as holds."""
    return [found for found in outside.items.values() if "state" in found]


def _batches(patch: pytest.MonkeyPatch) -> list[str]:
    messages = []
    for module in MODULES:
        if module in DOOR_OF:
            outside = Outside()
            deploy(module, outside, patch)(batch_requested(module))
            messages += sent_to_queue(outside)
    return messages


def _holds(world: World, patch: pytest.MonkeyPatch, now: float) -> list[dict[str, Any]]:
    table = world.stack.records(world.stack.systems[0])  # one does for all: each system has its own keys
    names = [found.prefix for found in profiles().values()]
    outputs = {f"{name}{kind}": table for name in names for kind in ("QueueUrl", "RecordsName")}
    stack = replace(world.stack, outputs=outputs)
    return [_hold(stack, system, patch, now) for system in profiles()]


def _hold(stack: Stack, system: str, patch: pytest.MonkeyPatch, now: float) -> dict[str, Any]:
    begun = item.begin(stack, system, None, now=now, until=now + HOLD_SECONDS)
    held = _item(stack, system)
    events = []
    for module in MODULES:
        if ENDPOINTS[module].function.system == system:
            outside = Outside(items={held["key"]["S"]: held})
            response = deploy(module, outside, patch)(requested(module))
            for message, record in zip(sent_to_queue(outside), records(outside), strict=True):
                events.append({"endpoint": module, "message": message, "item": record, "response": response})
    item.let_the_worker_deliver(stack, system, begun)
    return {"system": system, "item": held, "resuming": _item(stack, system), "events": events}


def _item(stack: Stack, system: str) -> dict[str, Any]:
    key = {"key": {"S": item_key(system)}}
    found: dict[str, Any] = stack.client("dynamodb").get_item(TableName=stack.records(system), Key=key)[
        "Item"
    ]
    return found
