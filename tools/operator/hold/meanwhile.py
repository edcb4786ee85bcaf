"""What becomes of a system's calls and queued events while it is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.core.settings import DeliveryMode
from gateway.delivery.redelivery import KEEP_SECONDS, WINDOW_SECONDS
from gateway.endpoint import Endpoint
from gateway.inbound.request import Request
from tools.operator.backlog import Backlog
from tools.operator.duration import spoken
from tools.operator.stack import Stack
from tools.operator.systems import endpoints
from tools.places import EVENTS


@dataclass(frozen=True)
class Calls:
    """A system's endpoints by what a hold does to them.

    `expiring`: those whose events expire by their contract, with the seconds that they have.
    """

    queued: list[str] = field(default_factory=list)
    expiring: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, stack: Stack, system: str) -> Calls:
        """The calls of a system of the stack, with its setting `<System>Delivery`."""
        calls = cls()
        off = stack.parameter(system, "Delivery") == DeliveryMode.OFF
        for name, endpoint in endpoints(system).items():
            if not endpoint.contract.carries_event:
                calls.made.append(name)
            elif endpoint.success.queued is None or off:
                calls.refused.append(name)
            elif seconds := _good_for(system, name, endpoint):
                calls.expiring[name] = seconds
            else:
                calls.queued.append(name)
        return calls


def _good_for(system: str, name: str, endpoint: Endpoint[Any, Any]) -> int | None:
    """How long the endpoint's sample event is of use, in seconds; None for ever."""
    event = json.loads((EVENTS / system / f"{name}.json").read_text())
    task, _ = endpoint.task(Request.of(event, max_body=endpoint.contract.max_body))
    return None if task.expires_at is None else task.expires_at - int(task.received_at)
