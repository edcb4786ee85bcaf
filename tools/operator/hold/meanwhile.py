"""What becomes of a system's calls, and of the events in its queue, while it is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.core.settings import DeliveryMode
from gateway.delivery.redelivery import KEEP_SECONDS, WINDOW_SECONDS
from gateway.endpoint import Endpoint
from gateway.inbound.request import Request
from tools.operator.backlog import Backlog, backlog, oldest_age
from tools.operator.duration import spoken
from tools.operator.moment import minute
from tools.operator.stack import Stack
from tools.operator.systems import endpoints
from tools.places import EVENTS

DELETED_SECONDS = 14 * 24 * 3600
"""The age at which SQS deletes a message, if no worker has made it a dead letter at 13 days."""


@dataclass(frozen=True)
class Calls:
    """A system's endpoints by what a hold does to their calls.

    `expiring`: the seconds after its receipt in which an event is of use; one of no use later is refused.
    """

    queued: list[str] = field(default_factory=list)
    expiring: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, stack: Stack, system: str) -> Calls:
        """A system's; nothing of it is queued where `<System>Delivery` is off."""
        calls = cls()
        off = stack.parameter(system, "Delivery") == DeliveryMode.OFF
        for name, endpoint in endpoints(system).items():
            if not endpoint.contract.carries_event:
                calls.made.append(name)
            elif endpoint.success.queued is None or off:
                calls.refused.append(name)
            elif (seconds := _good_for(system, name, endpoint)) is not None:
                calls.expiring[name] = seconds
            else:
                calls.queued.append(name)
        return calls

    def said(self) -> Iterator[str]:
        """A sentence for each kind that there is."""
        if self.queued:
            yield f"queued, and answered as accepted: {', '.join(self.queued)}"
        for name, seconds in self.expiring.items():
            yield (
                f"queued, but of no use {seconds} s after receipt, by its contract: {name}; its events "
                "that cannot wait are refused"
            )
        if self.refused:
            yield f"refused with Retry-After, because it may not be queued: {', '.join(self.refused)}"
        if self.made:
            yield f"relayed as before, because it carries no event: {', '.join(self.made)}"


def _good_for(system: str, name: str, endpoint: Endpoint[Any, Any]) -> int | None:
    """How long the endpoint's sample event is of use, in seconds; None for as long as it takes."""
    event = json.loads((EVENTS / system / f"{name}.json").read_text())
    task, _ = endpoint.task(Request.of(event, max_body=endpoint.contract.max_body))
    return None if task.expires_at is None else task.expires_at - int(task.received_at)


@dataclass(frozen=True, kw_only=True)
class Queued:
    """The events in a system's queue. `oldest`: the age of the oldest in seconds, None if SQS does not tell;
    events in flight are not counted in it, as a rule."""

    backlog: Backlog
    oldest: float | None

    @classmethod
    def of(cls, stack: Stack, system: str) -> Queued:
        """A system's. The local AWS has no metrics. Raises botocore's errors."""
        url = stack.queue(system)
        return cls(
            backlog=backlog(stack.client("sqs"), url),
            oldest=None if stack.local else oldest_age(stack.client("cloudwatch"), url),
        )

    def said(self) -> Iterator[str]:
        """A sentence, as far as SQS tells."""
        found = self.backlog
        if not found.all:
            yield "nothing is in its queue now"
            return
        age = "unknown" if self.oldest is None else spoken(self.oldest)
        yield (
            f"in its queue now: {found.waiting} ready (age of the oldest: {age}), and {found.in_flight} in "
            "flight or waiting for another attempt (SQS does not tell their age)"
        )

    def lost(self, now: float, until: float) -> Iterator[str]:
        """What a hold may cost, in sentences. Times are Unix seconds."""
        some_age_is_unknown = self.oldest is None or self.backlog.in_flight
        if self.backlog.all and (some_age_is_unknown or (self.oldest or 0) + until - now > KEEP_SECONDS):
            # While its event source is disabled, nobody makes an old message a dead letter.
            given_up, deleted = min(now, until - KEEP_SECONDS), until - DELETED_SECONDS
            yield (
                f"events queued before {minute(given_up)} UTC will be dead letters when you resume; SQS "
                f"itself deletes those queued before {minute(deleted)} UTC"
            )
        if until - now > WINDOW_SECONDS:
            yield (
                "events queued for more than a day when you resume have one attempt left; if it fails, they "
                "become dead letters, which can be redriven"
            )
