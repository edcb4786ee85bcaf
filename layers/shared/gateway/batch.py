"""The batch door of an endpoint: up to 500 of its bodies in one call, and what became of each.

read → admit once → validate each → deliver → answer for each. docs/batch.md is the contract.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from pydantic import BaseModel

from gateway.core.answer import Answer, json_answer
from gateway.core.data import dataclass
from gateway.core.errors import GatewayError, UnknownPath, WrongMethod
from gateway.core.faults import attempted
from gateway.core.settings import DeliveryMode
from gateway.core.task import DeliveryTask, batch_id, item_id
from gateway.core.telemetry import count, log_call
from gateway.delivery.outcomes import Outcome
from gateway.delivery.policy import DeliveryPolicy
from gateway.inbound import cors
from gateway.inbound.client_keys import ANYONE, Client
from gateway.inbound.identity import MAX_KEY, idempotency_key
from gateway.inbound.items import MAX_ITEMS, MAX_UNPACKED, Item, item_request, items
from gateway.inbound.request import Request
from gateway.inbound.validate import validate
from gateway.system import Contract, System

METHOD = "POST"
SECONDS = 15.0
"""How long a function may run outside Lambda, which would tell."""

LONGEST_SUFFIX = len(f":{MAX_ITEMS - 1}")
"""Of an item's idempotency key."""

_OF_THE_BATCH = frozenset({"content-encoding", "content-length", "idempotency-key"})
"""Headers that describe the batch and none of its items."""

type Made = tuple[DeliveryTask, DeliveryPolicy]


class Single(Protocol):
    """The endpoint behind a door; see Endpoint."""

    system: System
    name: str
    method: str

    @property
    def path(self) -> type[BaseModel]:
        """The model of its path's values."""

    @property
    def contract(self) -> Contract:
        """See Contract."""

    def task(self, request: Request, *, client: Client, key: str | None) -> Made:
        """The task of a request. Raises ClientError."""

    def answer_to(self, outcome: Outcome, policy: DeliveryPolicy) -> Answer:
        """The answer to an outcome. Raises GatewayError."""


@dataclass(frozen=True)
class Answered:
    """What became of one item. `kind` is that of its error, for the log."""

    event_id: str
    answer: Answer
    kind: str = ""

    def data(self, index: int) -> dict[str, Any]:
        """What the app is told of it."""
        return {
            "index": index,
            "status": self.answer.status,
            "delivery": self.answer.delivery,
            "event_id": self.event_id,
            "error": self.answer.headers.get("Gateway-Error"),
        }


class BatchDoor:
    """A Lambda handler for the batches of one endpoint."""

    def __init__(self, single: Single) -> None:
        """Nothing is read yet."""
        self._single = single
        self._system = single.system

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        """Answer one API Gateway event; never raises."""
        started = time.monotonic()
        request = Request.of(event, max_body=MAX_UNPACKED)
        request = replace(request, event_id=batch_id(request.event_id))
        headers = cors.headers(request, self._system.settings.cors_origins)
        if request.method == "OPTIONS":
            return cors.preflight(request, (METHOD, "OPTIONS")).event(headers)
        left = context.get_remaining_time_in_millis() / 1000 if context else SECONDS
        found = attempted(lambda: self._answered(request, started + left), **self._known(request.event_id))
        if isinstance(found, GatewayError):
            self._report(request, Answered(request.event_id, *self._worded(found)), [], started)
            return self._system.dialect.answer(found).event(headers | {"Gateway-Event-Id": request.event_id})
        accepted = all(one.answer.status < 300 for one in found)
        listed = [one.data(index) for index, one in enumerate(found)]
        answer = json_answer(200 if accepted else 207, {"items": listed})
        self._report(request, Answered(request.event_id, answer), found, started)
        return answer.event(headers | {"Gateway-Event-Id": request.event_id})

    @property
    def _takes_whole_batches(self) -> bool:
        """Whether the upstream takes as many at once as a batch may have; for all others, the queue does."""
        return self._system.upstream.at_once >= MAX_ITEMS

    def _answered(self, request: Request, deadline: float) -> list[Answered]:
        """What became of each item. Raises GatewayError for what concerns the whole batch."""
        has_to_queue = not self._takes_whole_batches or "idempotency-key" in request.headers
        is_open = not has_to_queue or self._system.settings.delivery != DeliveryMode.OFF
        single = self._single_request(request)
        if "//" in request.path or not is_open or not self._single.contract.exists(single):
            raise UnknownPath
        if request.method != METHOD:
            raise WrongMethod(METHOD, "OPTIONS")
        client = self._system.admit(single) if self._single.contract.needs_key else ANYONE
        validate((self._single.path, dict(single.path_values)))
        key = idempotency_key(request, longest=MAX_KEY - LONGEST_SUFFIX)
        made: dict[str, Made | GatewayError] = {}
        for index, item in enumerate(items(request)):
            event_id = item_id(request.event_id, index)
            task = partial(self._task, single, item, event_id, client, key and f"{key}:{index}")
            made[event_id] = attempted(task, **self._known(event_id))
        return list(self._deliver(made, deadline))

    def _single_request(self, request: Request) -> Request:
        """The request of a single call without its body: what its path holds is in the batch's query."""
        in_path = self._single.path.model_fields
        given = Counter(name for name, _ in request.query)
        return replace(
            request,
            method=self._single.method,
            path_values={
                name: value for name, value in request.query if name in in_path and given[name] == 1
            },
            query=tuple(pair for pair in request.query if pair[0] not in in_path),
            headers={name: values for name, values in request.headers.items() if name not in _OF_THE_BATCH}
            | {"content-type": ("application/json",)},
            received=b"",
            max_body=self._single.contract.max_body,
        )

    def _task(self, single: Request, item: Item, event_id: str, client: Client, key: str | None) -> Made:
        return self._single.task(item_request(single, item, event_id), client=client, key=key)

    def _deliver(self, made: Mapping[str, Made | GatewayError], deadline: float) -> Iterator[Answered]:
        """Have the tasks sent or queued; what became of each item, by its event id."""
        ready = [one for one in made.values() if not isinstance(one, GatewayError)]
        outcomes = iter(
            self._system.deliver_many(
                [task for task, _ in ready],
                [policy for _, policy in ready],
                together=self._takes_whole_batches,
                seconds_left=deadline - time.monotonic(),
            )
        )
        last: tuple[Outcome, bool, Answer | GatewayError] | None = None
        for event_id, one in made.items():
            if isinstance(one, GatewayError):
                yield Answered(event_id, *self._worded(one))
                continue
            outcome, policy = next(outcomes), one[1]
            if last is None or (outcome, policy.may_queue) != last[:2]:  # most items end alike
                answer = partial(self._single.answer_to, outcome, policy)
                last = (outcome, policy.may_queue, attempted(answer, **self._known(event_id)))
            found = last[2]
            if isinstance(found, GatewayError):
                yield Answered(event_id, *self._worded(found))
            else:
                yield Answered(event_id, found)

    def _worded(self, error: GatewayError) -> tuple[Answer, str]:
        return self._system.dialect.answer(error), error.kind

    def _known(self, event_id: str) -> dict[str, str]:
        return {"event_id": event_id, "system": self._system.name, "endpoint": self._single.name}

    def _report(self, request: Request, batch: Answered, items: Sequence[Answered], started: float) -> None:
        """One line for the batch, with counts; the metrics count items."""
        deliveries = Counter(one.answer.delivery for one in items or [batch] if one.answer.delivery)
        for delivery, number in deliveries.items():
            count(self._system.name, delivery.capitalize(), number)
        if accepted := sum(one.answer.status < 300 for one in items):
            count(self._system.name, "Accepted", accepted)
        log_call(
            "batch",
            event_id=request.event_id,
            system=self._system.name,
            endpoint=self._single.name,
            resource=request.resource,
            status=batch.answer.status,
            error=batch.kind or None,
            items=len(items),
            deliveries=dict(deliveries),
            errors=dict(Counter(one.kind for one in items if one.kind)),
            places=_places(items) or None,
            milliseconds=round((time.monotonic() - started) * 1e3, 1),
        )


def _places(items: Sequence[Answered]) -> dict[str, str]:
    """Which items ended alike, by index: `{"queued": "0-2,4-9", "rejected: invalid": "3"}`."""

    def end(index: int) -> str:
        return ": ".join(filter(None, (items[index].answer.delivery, items[index].kind)))

    places: dict[str, list[str]] = {}
    for ended, group in groupby(range(len(items)), end):
        first, *others = group
        places.setdefault(ended, []).append(f"{first}-{others[-1]}" if others else f"{first}")
    return {ended: ",".join(spans) for ended, spans in places.items()}
