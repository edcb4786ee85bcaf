"""How an app sends an event of an endpoint, with an identity that shows wherever the event arrives."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request: `scope` and, with `by_path`, `path_values` are what the endpoint's idempotency keys are
    unique within. `client` is the id of its client key, `account` the one that this key names."""

    method: str
    target: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    path_values: Mapping[str, str] = field(default_factory=dict)
    by_path: bool = True
    scope: tuple[str, ...] = ()
    client: str = ""
    account: str = ""


@dataclass(frozen=True)
class Kind:
    """An endpoint and how an app calls it: `asked` takes the event's mark (a UUID), its number and its
    subject's number.

    `naturally_once`: the contract has an idempotency key that the API itself honors. `adds`: the upstream
    counts a repeat once more, so that the gateway bounds its own repeats. `expires`: the event is of no use
    after some minutes. `variant` is that of the system, empty for its default. `prepared`: another call of
    the same event must arrive before the one that delivers it. `patience`: the share of a send's time that
    the call which delivers it has at least; the rest may go to calls before it.
    """

    system: str
    endpoint: str
    asked: Callable[[str, int, int], Asked]
    naturally_once: bool = False
    adds: bool = False
    expires: bool = False
    variant: str = ""
    prepared: bool = False
    patience: float = 1

    @property
    def row(self) -> str:
        """The line of the report that counts it: the system, with its variant."""
        return f"{self.system}, {self.variant}" if self.variant else self.system

    @property
    def name(self) -> str:
        """`<system>.<endpoint>`."""
        return f"{self.system}.{self.endpoint}"


def person(subject: int) -> str:
    """The id of a player, an instance or a user, in the form of a UUID."""
    return f"5ab1ec75-0000-4000-9000-{subject:012x}"


def post(target: str, body: Any, scope: tuple[str, ...] = (), **more: Any) -> Asked:
    """A request with a JSON body; `more` are further fields of Asked, `method` and `headers` among them."""
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    return Asked(
        method=more.pop("method", "POST"),
        target=target,
        body=json.dumps(body).encode(),
        headers=headers,
        scope=scope,
        **more,
    )
