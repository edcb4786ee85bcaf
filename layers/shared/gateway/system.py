"""What one system is to the gateway; each system's folder exports one such value."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

from gateway.core.answer import Success
from gateway.core.errors import ClientKeyNotAllowed, ClientKeyRefused, ClientKeysUnavailable
from gateway.core.settings import ClientKeys, Settings, UnknownOutcome
from gateway.core.task import DeliveryTask, HttpRequest, PayloadReader, Reply
from gateway.core.telemetry import count
from gateway.delivery.erasure import Tombstones
from gateway.delivery.executor import Executor, Upstream, settled_by_nothing
from gateway.delivery.first_attempt import FirstAttempt, first_attempt
from gateway.delivery.outcomes import Outcome
from gateway.delivery.policy import DeliveryPolicy
from gateway.delivery.redelivery import Redelivery
from gateway.inbound import client_keys
from gateway.inbound.dialect import Dialect
from gateway.inbound.request import MAX_BODY, Request
from gateway.outbound.secrets import SystemSecret


def _json(request: Request) -> Any:
    return request.json


@dataclass(frozen=True)
class Account:
    """What a client key may be limited to and a credential kept for: a project, an app.

    `grammar` is matched whole; `form` says the same in words.
    """

    name: str
    grammar: str
    form: str

    def fits(self, text: str) -> bool:
        """Whether an account may be called so."""
        return re.fullmatch(self.grammar, text) is not None


@dataclass(frozen=True)
class UnknownPaths:
    """Paths without a route that were most likely meant for a system, and the dialect that answers them.

    `pattern` is matched at the start of a path without its leading slash, and perhaps without its final one.
    Where several match, of one system or of two, the longest match decides.
    """

    pattern: re.Pattern[str]
    dialect: Dialect


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What a system's document says about an endpoint, beyond the endpoint's own models.

    `exists`: whether the values in the route's path make a path of the document; any other path is unknown.
    `max_body`: the largest unpacked body, in bytes. `read`: makes the values that the body's model validates
    from a request. `needs_key`: False for the rare call that needs no client key. `carries_event`: False for
    a call without an event, so that its answer reports no delivery. `check`: judges an answer that the
    upstream's `judge` takes for a success; raises UpstreamError if it lacks what the document promises.
    `idempotent`: a repeat changes nothing at the upstream, so the task is sent again, without a bound, while
    it is unknown whether it arrived.
    """

    exists: Callable[[Request], bool] = lambda request: True
    max_body: int = MAX_BODY
    read: Callable[[Request], Any] = _json
    needs_key: bool = True
    carries_event: bool = True
    check: Callable[[Reply], object] = lambda reply: None
    idempotent: bool = False


@dataclass(frozen=True, kw_only=True)
class System:
    """Where an upstream is, how we sign in, how clients sign in to us, how errors are worded.

    `contract` holds for every endpoint except those in `by_endpoint`, which have one of their own. Endpoints
    of a system differ in nothing else, apart from what stands in their own files. The table is here because
    the redelivery worker imports no endpoint.

    `presented` lists the texts that a client offers as its key; `key_fields` are the query fields that hold
    one. `resource` names what a key must be allowed to touch (a project, an app), and refuses a request that
    names none; `account` says what such a name looks like, None where a system has one credential and looks
    at no name. `subject_fields` are the fields, of body, query or row, that hold a person's id, beside those
    in a task's scope. `settled` tells a refusal which, after a send of unknown outcome, says that the
    upstream has it. `payload` reads the payload of a queued task; `attempt` makes the first attempt at a new
    one. `unknown_paths` are those that the system answers.
    """

    name: str
    settings: Settings
    secret: SystemSecret
    upstream: Upstream
    dialect: Dialect
    contract: Contract = Contract()
    by_endpoint: Mapping[str, Contract] = field(default_factory=dict)
    presented: Callable[[Request], Sequence[str]] = lambda request: ()
    resource: Callable[[Request], str] = lambda request: ""
    account: Account | None = None
    key_fields: frozenset[str] = frozenset()
    subject_fields: frozenset[str] = frozenset()
    settled: Callable[[Reply], bool] = settled_by_nothing
    payload: PayloadReader = HttpRequest.of
    attempt: FirstAttempt = first_attempt
    unknown_paths: tuple[UnknownPaths, ...] = ()

    @classmethod
    def named(cls, name: str) -> "System":
        """The value that `functions/<name>/system.py` exports, by its folder's name."""
        found = getattr(import_module(f"{name}.system"), name)
        assert isinstance(found, cls)  # noqa: S101 - the folder's contract
        return found

    def contract_of(self, endpoint: str) -> Contract:
        """The contract of an endpoint, by its name."""
        return self.by_endpoint.get(endpoint, self.contract)

    @cached_property
    def executor(self) -> Executor:
        """The system's way out."""
        return Executor(
            self.name,
            self.upstream,
            self.settings,
            check=lambda task, reply: self.contract_of(task.endpoint).check(reply),
            settled=self.settled,
        )

    def deliver(
        self, task: DeliveryTask, policy: DeliveryPolicy, success: Success, *, seconds_left: float
    ) -> Outcome:
        """Send a task now, or have it queued. `seconds_left` is what the function may still take."""
        return self.attempt(self.executor, task, policy, success, seconds_left=seconds_left)

    @cached_property
    def redelivery(self) -> Redelivery:
        """The worker of the system's queue."""
        return Redelivery(
            self.executor,
            tombstones=Tombstones(self.name, self.settings.records, self.subject_fields),
            payload=self.payload,
            unknown_tries=self.unknown_tries,
        )

    def unknown_tries(self, task: DeliveryTask) -> float:
        """How many sends of a task from the queue may end with an unknown outcome; infinite for any number.

        A task that expires is bounded by that.
        """
        if self.settings.on_unknown_outcome == UnknownOutcome.FAIL:
            return 0
        harmless = self.contract_of(task.endpoint).idempotent or task.expires_at is not None
        return math.inf if harmless else self.settings.max_unknown_tries

    def admit(self, request: Request) -> str:
        """The id of the client key that admits the request, empty where none is asked for.

        Raises KeyRefused, KeyNotAllowed, KeysUnreadable.
        """
        resource = self.resource(request)
        if self.settings.client_keys == ClientKeys.OFF:
            return ""
        try:
            return client_keys.admit(self.presented(request), resource, self.secret)
        except (ClientKeyRefused, ClientKeyNotAllowed, ClientKeysUnavailable):
            if self.settings.client_keys == ClientKeys.REPORT:
                count(self.name, "WouldRefuse")
                return ""
            raise
