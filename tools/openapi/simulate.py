"""An endpoint's own handler, run with the sandbox's vendor as its upstream and without a network."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from requests.auth import AuthBase

from gateway.core.account import Account
from gateway.core.answer import Success
from gateway.core.errors import ClientKeysUnavailable, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.executor import Executor
from gateway.delivery.hold import CurrentHold
from gateway.delivery.outcomes import Outcome
from gateway.delivery.policy import DeliveryPolicy
from gateway.delivery.sender import Upstream
from gateway.endpoint import Endpoint
from gateway.outbound.http_client import HttpClient
from gateway.outbound.http_upstream import HttpUpstream
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract
from tools.systems.profile import Profile
from tools.systems.vendor import Request, Vendor

KEY = "local-client-key"
EVENT_ID = "01M7XW7MNHZHZDJB9145BNXTRX"

type Event = dict[str, Any]
type OutcomeOf = Callable[[DeliveryTask, DeliveryPolicy, Callable[[], Reply]], Outcome | None]
"""What becomes of a task, `send()` being the upstream's answer; None where that cannot be."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the app is told: headers by their names as they are written, the body as text."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def media(self) -> str | None:
        """The content type, if any."""
        return self.headers.get("Content-Type")

    @property
    def value(self) -> Any:
        """The body for an example: JSON as its value."""
        return json.loads(self.body) if self.media == "application/json" else self.body


@dataclass(frozen=True)
class Keys:
    """Whether a client key is asked for, for which resources the known one is, and whether it can be read."""

    required: bool = False
    allows: tuple[str, ...] = ("*",)
    readable: bool = True


UNASKED = Keys()
"""No key is asked for."""


def simulate(
    handler: Endpoint[Any, Any], profile: Profile, event: Event, outcome_of: OutcomeOf, keys: Keys = UNASKED
) -> Response | None:
    """What the handler answers to the event; None where there can be no such outcome."""
    secret = SimulatedSecret(handler.system.account, keys, f"local-{profile.name}-credential")
    upstream = _upstream(handler.system.upstream, profile, secret)
    settings = handler.system.settings.model_copy(
        update={"client_keys": "required" if keys.required else "off", "records": "records"}
    )
    actor = copy.copy(handler)
    attempt = _Attempt(handler.contract, outcome_of)
    actor.system = replace(
        handler.system, settings=settings, secret=secret, upstream=upstream, attempt=attempt
    )
    actor.system.executor.hold = CurrentHold(profile.name, table="")  # there is no table to read
    seen = response(actor(event))
    return None if attempt.could_not_be else seen


def response(answer: Mapping[str, Any]) -> Response:
    """What a Lambda proxy integration's result is on the wire."""
    headers = {name: str(value) for name, value in answer["headers"].items() if value is not None}
    if "Gateway-Event-Id" in headers:
        headers["Gateway-Event-Id"] = EVENT_ID
    return Response(status=answer["statusCode"], headers=headers, body=answer["body"])


class _Attempt:
    """Takes the place of the first attempt: `outcome_of` says what becomes of a task."""

    def __init__(self, contract: Contract, outcome_of: OutcomeOf) -> None:
        self.could_not_be = False
        self._contract = contract
        self._outcome_of = outcome_of

    def __call__(
        self,
        executor: Executor,
        task: DeliveryTask,
        policy: DeliveryPolicy,
        success: Success,
        *,
        seconds_left: float,
    ) -> Outcome:
        """See FirstAttempt."""
        del success, seconds_left
        outcome = self._outcome_of(task, policy, lambda: self._reply(executor, task))
        if outcome is None:
            self.could_not_be = True
            raise LookupError
        return outcome

    def _reply(self, executor: Executor, task: DeliveryTask) -> Reply:
        reply = executor.sender.upstream.send(task, seconds=1)
        self._contract.check(reply)
        return reply


class SimulatedSecret(SystemSecret):
    """Holds one client key, and a credential for every account."""

    def __init__(self, account: Account | None, keys: Keys, credential: str) -> None:
        """Nothing is fetched."""
        super().__init__("", account)
        self._keys = keys
        self._credential = credential

    def credential(self, account: str = "") -> str:
        """See SystemSecret."""
        del account
        return self._credential

    def refused(self, account: str = "") -> None:
        """See SystemSecret."""

    def client_keys(self, *, look_again: bool = False) -> list[Mapping[str, Any]]:
        """See SystemSecret."""
        del look_again
        if not self._keys.readable:
            raise ClientKeysUnavailable
        return [{"sha256": hashlib.sha256(KEY.encode()).hexdigest(), "allows": self._keys.allows}]


class _Store:
    """An upstream that takes everything, as an event store does."""

    at_once = 1

    def prepare(self) -> None:
        """See Upstream."""

    def together(self, task: DeliveryTask) -> None:
        """See Upstream."""
        del task

    def wait(self, task: DeliveryTask) -> float:
        """See Upstream."""
        del task
        return 0

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """See Upstream."""
        del task, seconds
        return Reply(status=200)

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        """See Upstream."""
        del seconds
        return [None] * len(tasks)


class _VendorClient(HttpClient):
    """Takes the place of HTTP: a vendor hears the request at once."""

    def __init__(self, vendor: Vendor, base: str) -> None:
        super().__init__()
        self._vendor = vendor
        self._base = base

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        auth: AuthBase | None = None,
    ) -> Reply:
        """See HttpClient."""
        del seconds, auth
        target = urlsplit(url.removeprefix(self._base))
        request = Request(
            method=method, path=target.path, query=target.query, headers=tuple(headers.items()), body=body
        )
        response = self._vendor.answer(request)
        named = {name.lower(): value for name, value in response.headers}
        return Reply(status=response.status, headers=named, body=response.body)


def _upstream(upstream: Upstream, profile: Profile, secret: SystemSecret) -> Upstream:
    if profile.vendor is None:
        return _Store()
    assert isinstance(upstream, HttpUpstream)  # noqa: S101 - what has a vendor asks it over HTTP
    return replace(upstream, secret=secret, client=_VendorClient(profile.vendor(), upstream.url))
