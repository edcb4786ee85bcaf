"""A system, as the gateway sees it; each system's folder exports one such value."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any

from gateway.core import history
from gateway.core.account import Account
from gateway.core.answer import Success
from gateway.core.data import dataclass
from gateway.core.errors import ClientKeyRefused, ClientKeysUnavailable
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.settings import ClientKeys, Settings, UnknownOutcome
from gateway.core.task import DeliveryTask, PayloadReader
from gateway.core.telemetry import count
from gateway.delivery.executor import Executor
from gateway.delivery.first_attempt import FirstAttempt, first_attempt
from gateway.delivery.hold import DeliveriesHeld
from gateway.delivery.outcomes import Failed, Outcome
from gateway.delivery.policy import DeliveryPolicy, QueuePolicy
from gateway.delivery.protocol import StoreUnavailable
from gateway.delivery.sender import Sender, Upstream, settled_by_nothing
from gateway.inbound import client_keys
from gateway.inbound.client_keys import ANYONE, Client
from gateway.inbound.dialect import Dialect
from gateway.inbound.request import MAX_BODY, Request
from gateway.outbound.secrets import SystemSecret

if TYPE_CHECKING:
    from gateway.delivery.redelivery import Redelivery

QUEUED_UNSENT = DeliveryPolicy(queue=QueuePolicy.FIRST)
"""The policy of a task whose key the worker claims."""


def _json(request: Request) -> Any:
    return request.json


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

    `exists`: whether the route's path, with the request's values, exists in the document. `max_body`: the
    largest unpacked body, in bytes. `read`: extracts the values that the body's model validates. `needs_key`:
    False for the rare call without a client key. `carries_event`: False for a call without an event, whose
    answer reports no delivery. `check`: raises UpstreamError for an answer that the upstream's `judge`
    accepted but that lacks what the document says a success contains; an upstream that takes several tasks at
    once checks its answers itself. `idempotent`: a repeat changes nothing at the upstream, so a task of
    unknown outcome is sent again without limit. `takes_once`: the upstream takes an event id once, so a
    queued task that is keyed by its event is sent without a claim.
    """

    exists: Callable[[Request], bool] = lambda request: True
    max_body: int = MAX_BODY
    read: Callable[[Request], Any] = _json
    needs_key: bool = True
    carries_event: bool = True
    check: Callable[[Reply], object] = lambda reply: None
    idempotent: bool = False
    takes_once: bool = False


@dataclass(frozen=True, kw_only=True)
class System:
    """Where an upstream is, how we authenticate there, how clients authenticate here, how errors are worded.

    `contract` applies to every endpoint except those in `by_endpoint`, which have their own. Apart from what
    is in their own files, a system's endpoints differ in nothing else. The table is here because the
    redelivery worker imports no endpoint.

    `presented` lists the client keys that a request offers; `key_fields` are the query fields that hold one.
    `resource` returns what the key must be allowed to use (a project, an app), and raises ClientError for a
    request that names none.
    `subject_fields` are the fields of a body, query or row that identify a person; a task's scope does too.
    `settled`: whether a refusal after a send of unknown outcome means that the upstream has the event.
    `payload` reads the payload of a queued task; `attempt` makes the first attempt at a new one.
    `unknown_paths` are paths without a route that this system answers.
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

    @property
    def account(self) -> Account | None:
        """What a client key may be limited to; None if the system has one credential for all."""
        return self.secret.account

    def prepare(self, *, carries_event: bool = True) -> None:
        """Fetch during INIT what the first request needs: the secret and, for an event, the hold."""
        if not (carries_event and self.settings.records):
            self.upstream.prepare()
            return
        # Side by side, so that a cold start takes no longer than the slower of the two.
        reading = Thread(target=self.executor.hold.prepare, daemon=True)
        reading.start()
        self.upstream.prepare()
        reading.join()

    @cached_property
    def executor(self) -> Executor:
        """What carries out the steps of its deliveries."""
        sender = Sender(
            self.name,
            self.upstream,
            check=lambda task, reply: self.contract_of(task.endpoint).check(reply),
            settled=self.settled,
            lane=self._lane,
            scale=self.settings.retry_scale,
        )
        return Executor(self.name, sender, self.settings)

    def _lane(self, task: DeliveryTask) -> str:
        """Accounts that share no credential share no rate limit either: one's trouble is not another's."""
        return task.payload.account if self.account is not None and self.account.own_credential else ""

    def deliver(
        self, task: DeliveryTask, policy: DeliveryPolicy, success: Success, *, seconds_left: float
    ) -> Outcome:
        """Send a task now, or queue it. `seconds_left` is what remains of the function's time.

        While the system is held, nothing that carries an event is sent.
        """
        hold = self.executor.hold.read() if self.contract_of(task.endpoint).carries_event else None
        if hold is not None:
            if not policy.may_queue:
                return Failed(DeliveriesHeld(hold.seconds_left()))
            policy = policy.queue_first()
            history.explain(task.event_id, "held")
        return self.attempt(self.executor, task, policy, success, seconds_left=seconds_left)

    def deliver_many(
        self,
        tasks: Sequence[DeliveryTask],
        policies: Sequence[DeliveryPolicy],
        *,
        together: bool,
        seconds_left: float,
    ) -> list[Outcome]:
        """Send tasks together, or queue them: if not `together`, while the system is held, and whatever has a
        key that counts, which the worker claims."""
        from gateway.delivery.first_attempts import first_attempts

        hold = self.executor.hold.read()
        decided: dict[int, Outcome] = {}
        open_tasks: list[DeliveryTask] = []
        allowed: list[DeliveryPolicy] = []
        for index, (task, policy) in enumerate(zip(tasks, policies, strict=True)):
            if together and hold is None and not policy.key.claims:
                allowed.append(policy)
            elif policy.may_queue:
                allowed.append(QUEUED_UNSENT)
            else:
                decided[index] = Failed(DeliveriesHeld(hold.seconds_left()) if hold else StoreUnavailable())
                continue
            open_tasks.append(task)
        made = iter(first_attempts(self.executor, open_tasks, allowed, seconds_left=seconds_left))
        return [decided[index] if index in decided else next(made) for index in range(len(tasks))]

    @cached_property
    def redelivery(self) -> "Redelivery":
        """The worker of the system's queue; an API function imports none of it."""
        from gateway.delivery.erasure import Tombstones
        from gateway.delivery.redelivery import Redelivery

        return Redelivery(
            self.executor,
            tombstones=Tombstones(self.name, self.settings.records, self.subject_fields),
            payload=self.payload,
            unknown_tries=self.unknown_tries,
            claims=self.claims,
        )

    def unknown_tries(self, task: DeliveryTask) -> float:
        """How many sends of a queued task may end with an unknown outcome: 0, a number, or infinitely many.

        A task that expires needs no other limit.
        """
        if self.settings.on_unknown_outcome == UnknownOutcome.FAIL:
            return 0
        harmless = self.contract_of(task.endpoint).idempotent or task.expires_at is not None
        return math.inf if harmless else self.settings.max_unknown_tries

    def claims(self, task: DeliveryTask) -> bool:
        """Whether a redelivery claims the task's key; see Contract.takes_once."""
        unbounded = self.unknown_tries(task) == math.inf
        return not (self.contract_of(task.endpoint).takes_once and unbounded and task.is_keyed_by_event)

    def admit(self, request: Request) -> Client:
        """Who sends the request: nobody in particular if the system asks for no client key.

        Raises ClientKeyRefused, ClientKeysUnavailable, and whatever `resource` raises.
        """
        resource = self.resource(request)
        if self.settings.client_keys == ClientKeys.OFF:
            return ANYONE
        try:
            return client_keys.admit(self.presented(request), resource, self.secret)
        except (ClientKeyRefused, ClientKeysUnavailable):
            if self.settings.client_keys == ClientKeys.REPORT:
                count(self.name, "WouldRefuse")
                return ANYONE
            raise
