"""An endpoint in rehearsal: its own handler, with a vendor of the sandbox for its upstream and no network."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from gateway.core.answer import Success
from gateway.core.errors import ClientKeysUnavailable, UpstreamError
from gateway.core.task import DeliveryTask, Reply
from gateway.delivery.first_attempt import Upstream
from gateway.delivery.protocol import DeliveryPolicy, Outcome
from gateway.endpoint import Endpoint
from gateway.outbound.http_upstream import HttpUpstream
from gateway.outbound.secrets import SystemSecret
from tools.openapi.page import Page
from tools.sandbox.exchange import Heard, Vendor
from tools.sandbox.vendors import every_vendor

KEY = "local-client-key"
EVENT_ID = "01M7XW7MNHZHZDJB9145BNXTRX"

type Event = dict[str, Any]
type Turn = Callable[[DeliveryTask, DeliveryPolicy, Callable[[], Reply]], Outcome | None]
"""What becomes of a task, `send()` being the upstream's answer; None where that cannot be."""


@dataclass(frozen=True, kw_only=True)
class Told:
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


def rehearse(
    handler: Endpoint[Any, Any], page: Page, event: Event, turn: Turn, keys: Keys = UNASKED
) -> Told | None:
    """What the handler answers to the event; None where the turn cannot be."""
    secret = _Vault(keys, f"local-{page.system}-credential")
    upstream = _upstream(handler.system.upstream, page, secret)
    settings = handler.system.settings.model_copy(
        update={"client_keys": "required" if keys.required else "off"}
    )
    actor = copy.copy(handler)
    actor.system = replace(handler.system, settings=settings, secret=secret, upstream=upstream)
    delivery = _Delivery(upstream, turn)
    actor.system.__dict__["delivery"] = delivery
    heard = told(actor(event))
    return None if delivery.could_not_be else heard


def told(answer: Mapping[str, Any]) -> Told:
    """What a Lambda proxy integration's result is on the wire."""
    headers = {name: str(value) for name, value in answer["headers"].items() if value is not None}
    if "Gateway-Event-Id" in headers:
        headers["Gateway-Event-Id"] = EVENT_ID
    return Told(status=answer["statusCode"], headers=headers, body=answer["body"])


def vendor_of(page: Page) -> Vendor:
    """The sandbox's vendor of a system."""
    (found,) = [vendor for vendor in every_vendor() if vendor.name == page.vendor]
    return found


class _Delivery:
    """Takes the place of the way out: the turn says what becomes of a task."""

    def __init__(self, upstream: Upstream, turn: Turn) -> None:
        self.could_not_be = False
        self._upstream = upstream
        self._turn = turn

    def first(
        self, task: DeliveryTask, terms: DeliveryPolicy, success: Success, *, seconds_left: float
    ) -> Outcome:
        """See Delivery."""
        del success, seconds_left
        outcome = self._turn(task, terms, lambda: self._upstream.send(task, seconds=1))
        if outcome is None:
            self.could_not_be = True
            raise LookupError
        return outcome


class _Vault(SystemSecret):
    """Holds one client key, and a credential for every account."""

    def __init__(self, keys: Keys, credential: str) -> None:
        super().__init__("")
        self._keys = keys
        self._credential = credential

    def credential(self, account: str = "") -> str:
        """See Vault."""
        del account
        return self._credential

    def refused(self) -> None:
        """See Vault."""

    def client_keys(self, *, look_again: bool = False) -> list[Mapping[str, Any]]:
        """See Vault."""
        del look_again
        if not self._keys.readable:
            raise ClientKeysUnavailable
        return [{"sha256": hashlib.sha256(KEY.encode()).hexdigest(), "allows": self._keys.allows}]


class _Store:
    """An upstream that takes everything, as an event store does."""

    at_once = 1

    def prepare(self) -> None:
        """See Upstream."""

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """See Upstream."""
        del task, seconds
        return Reply(status=200)

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        """See Upstream."""
        del seconds
        return [None] * len(tasks)


class _Exchange:
    """Takes the place of HTTP: a vendor hears the request at once."""

    def __init__(self, vendor: Vendor, base: str) -> None:
        self._vendor = vendor
        self._base = base

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Reply:
        """See Exchange."""
        del seconds
        target = urlsplit(url.removeprefix(self._base))
        heard = Heard(
            method=method, path=target.path, query=target.query, headers=tuple(headers.items()), body=body
        )
        said = self._vendor.answer(heard)
        named = {name.lower(): value for name, value in said.headers}
        return Reply(status=said.status, headers=named, body=said.body)


def _upstream(upstream: Upstream, page: Page, secret: SystemSecret) -> Upstream:
    if not isinstance(upstream, HttpUpstream):
        return _Store()
    actor = replace(upstream, secret=secret)
    actor.__dict__["_exchange"] = _Exchange(vendor_of(page), upstream.url)
    return actor
