"""An endpoint: models and a pure function, and the steps of a request around them.

read → admit → validate → map → deliver → respond. The function does no I/O; all the rest is here, once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any

from pydantic import BaseModel

from gateway.core import history
from gateway.core.answer import Answer, Success
from gateway.core.data import dataclass
from gateway.core.errors import (
    GatewayError,
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    Refused,
    Undeliverable,
    UnknownPath,
    UpstreamFailed,
    WrongMethod,
)
from gateway.core.faults import attempted
from gateway.core.identity import RequestIdentity
from gateway.core.message import KeyUse, OutboundMessage
from gateway.core.settings import DeliveryMode
from gateway.core.task import ACCOUNT_BY_KEY, FIRST_FORM, DeliveryTask
from gateway.core.telemetry import count, log_call
from gateway.delivery.outcomes import Delivered, Failed, KeyInFlight, KeyReused, Outcome, Queued, Replayed
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from gateway.inbound import cors
from gateway.inbound.client_keys import ANYONE, Client
from gateway.inbound.identity import idempotency_key, identities
from gateway.inbound.request import Request
from gateway.inbound.validate import NoValues, validate
from gateway.system import Contract, System

DOORS = "/batch/"
"""How the routes of all batch doors begin: `/batch/acme/new-session`."""

DEFAULT_SECONDS = 15.0
"""How long a function may run outside Lambda, which would tell."""

NATURAL_KEYS = {
    KeyUse.ALWAYS: KeyPolicy.NATURAL,
    KeyUse.QUEUED: KeyPolicy.NONE,
    KeyUse.UNKNOWN_OUTCOME: KeyPolicy.UNTIL_KNOWN,
}


@dataclass(frozen=True, kw_only=True)
class EndpointInput[Body, Path = NoValues]:
    """The input of an endpoint's function: its models, and the request with all values as they were sent.

    `account` is the one that the client key names; empty where the request names it, or nobody does: then the
    event goes to the stack's own.
    """

    body: Body
    path: Path
    request: Request
    account: str = ""


def endpoint[Body: BaseModel, Path: BaseModel](
    system: System,
    *,
    body: type[Body],
    path: type[Path] = NoValues,  # type: ignore[assignment]
    method: str = "POST",
    success: Success,
) -> Callable[[Callable[[EndpointInput[Body, Path]], OutboundMessage]], Endpoint[Body, Path]]:
    """Make a pure function (models in, outbound message out) the Lambda handler of an endpoint.

    For whatever else sets the endpoint apart from the others of its system, see System.by_endpoint.
    """

    def decorate(message: Callable[[EndpointInput[Body, Path]], OutboundMessage]) -> Endpoint[Body, Path]:
        return Endpoint(system, body, path, method, success, message)

    return decorate


class Endpoint[Body: BaseModel, Path: BaseModel]:
    """A Lambda handler for Lambda proxy events (REST API). Its parts stay readable for tests and OpenAPI."""

    def __init__(
        self,
        system: System,
        body: type[Body],
        path: type[Path],
        method: str,
        success: Success,
        message: Callable[[EndpointInput[Body, Path]], OutboundMessage],
    ) -> None:
        """Runs during INIT: the system fetches what it needs here, not on the first request."""
        self.system = system
        self.body = body
        self.path = path
        self.method = method
        self.success = success
        self.message = message
        self.name = message.__module__.rpartition(".")[2]
        self.__doc__ = message.__doc__
        system.prepare(carries_event=self.contract.carries_event)

    @property
    def contract(self) -> Contract:
        """See Contract."""
        return self.system.contract_of(self.name)

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        """Answer one API Gateway event; never raises."""
        if str(event.get("resource") or "").startswith(DOORS):
            from gateway.batch import (
                BatchDoor,  # few calls are batches, and every cold start would pay for it
            )

            return BatchDoor(self)(event, context)
        started = time.monotonic()
        request = Request.of(event, max_body=self.contract.max_body)
        headers = cors.headers(request, self.system.settings.cors_origins)
        if request.method == "OPTIONS":
            return cors.preflight(request, (self.method, "OPTIONS")).event(headers)
        history.begin(request.event_id)
        found = attempted(
            lambda: self._answer(request, context),
            event_id=request.event_id,
            system=self.system.name,
            endpoint=self.name,
        )
        error = found if isinstance(found, GatewayError) else None
        answer = self.system.dialect.answer(found) if isinstance(found, GatewayError) else found
        if not self.contract.carries_event:
            answer = replace(answer, delivery=None)
        self._report(request, answer, error.kind if error else None, time.monotonic() - started)
        return answer.event(headers | {"Gateway-Event-Id": request.event_id})

    def _answer(self, request: Request, context: Any) -> Answer:
        # The local API treats `//` as `/`: a base URL ending in a slash must not work there and fail on AWS.
        if "//" in request.path or not self.contract.exists(request):
            raise UnknownPath
        if request.method != self.method:
            raise WrongMethod(self.method, "OPTIONS")
        client = self.system.admit(request) if self.contract.needs_key else ANYONE
        task, policy = self.task(request, client=client)
        seconds_left = context.get_remaining_time_in_millis() / 1000 if context else DEFAULT_SECONDS
        outcome = self.system.deliver(task, policy, self.success, seconds_left=seconds_left)
        return self.answer_to(outcome, policy)

    def answer_to(self, outcome: Outcome, policy: DeliveryPolicy) -> Answer:
        """What the app is told of an outcome. Raises GatewayError."""
        match outcome:
            case Delivered(reply):
                return self.success.delivered(reply).marked("delivered")
            case Queued():
                return self._queued()
            case Replayed(answer):
                return (answer or self._queued()).with_headers(**{"Idempotency-Replayed": "true"})
            case KeyInFlight(seconds):
                raise IdempotencyKeyInFlight(max(1, ceil(seconds)))
            case KeyReused():
                raise IdempotencyKeyReused
            case Failed(Refused() as refused):
                raise refused
            case Failed(error):
                raise (Undeliverable if policy.may_queue else UpstreamFailed)(error)

    def _queued(self) -> Answer:
        return (self.success.queued or Answer(status=200)).marked("queued")

    def task(
        self, request: Request, *, client: Client = ANYONE, key: str | None = None
    ) -> tuple[DeliveryTask, DeliveryPolicy]:
        """The delivery task that a request becomes, and its policy. Raises ClientError.

        `key` is the idempotency key of one item of a batch; a single request has its own.
        """
        values = self.contract.read(request) if self.body is not NoValues else {}
        path, body = validate((self.path, dict(request.path_values)), (self.body, values))
        message = self.message(EndpointInput(body=body, path=path, request=request, account=client.account))
        own_key = (key or idempotency_key(request)) if self.contract.carries_event else None
        identity, former = identities(
            (self.system.name, self.name),
            request,
            message,
            own_key=own_key,
            client=client.id,
            key_fields=self.system.key_fields,
        )
        task = DeliveryTask(
            system=self.system.name,
            endpoint=self.name,
            event_id=request.event_id,
            received_at=request.received_at,
            payload=message.payload,
            scope=(*message.scope, client.id) if client.id else message.scope,
            key=identity.key,
            fingerprint=identity.fingerprint,
            expires_at=None if message.good_for is None else int(request.received_at) + message.good_for,
            version=ACCOUNT_BY_KEY if client.account else FIRST_FORM,
        )
        return task, self._policy(task, message, own_key=own_key is not None, former=former)

    def _policy(
        self, task: DeliveryTask, message: OutboundMessage, *, own_key: bool, former: RequestIdentity | None
    ) -> DeliveryPolicy:
        key = KeyPolicy.NONE
        if self.system.settings.records:
            if own_key:
                key = KeyPolicy.CLIENT
            elif message.key is not None:
                key = NATURAL_KEYS[message.key_use]
        return DeliveryPolicy(key, self._queue_policy(task), former)

    def _queue_policy(self, task: DeliveryTask) -> QueuePolicy:
        delivery = self.system.settings.delivery
        if self.success.queued is None or not task.may_wait or delivery == DeliveryMode.OFF:
            return QueuePolicy.NEVER
        if delivery == DeliveryMode.QUEUED:
            return QueuePolicy.FIRST
        harmless = self.system.unknown_tries(task) != 0
        return QueuePolicy.ON_FAILURE if harmless else QueuePolicy.ON_CERTAIN_FAILURE

    def _report(self, request: Request, answer: Answer, error: str | None, seconds: float) -> None:
        if answer.delivery is not None:
            count(self.system.name, answer.delivery.capitalize())
            if answer.status < 300:
                count(self.system.name, "Accepted")
        log_call(
            "call",
            event_id=request.event_id,
            system=self.system.name,
            endpoint=self.name,
            resource=request.resource,
            status=answer.status,
            delivery=answer.delivery,
            error=error,
            milliseconds=round(seconds * 1e3, 1),
            **history.told(request.event_id),
        )
