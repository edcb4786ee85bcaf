"""What an endpoint has for its upstream: the outbound message, and the payloads that a message may have."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from enum import Enum, auto
from functools import cached_property
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl

from gateway.core import strict_json
from gateway.core.data import dataclass


class Payload(Protocol):
    """The message that a task carries: opaque to the gateway but for these."""

    @property
    def account(self) -> str:
        """Whose credential signs the message: a project, an app; may be empty."""

    def data(self) -> dict[str, Any]:
        """The message as JSON values, as it stands in a queued task."""

    def spare(self, concerns: Callable[[Any], bool]) -> Self | None:
        """The message without the values that `concerns` tells; None if nothing is left of it."""


@dataclass(frozen=True)
class Opaque:
    """The payload of a task whose system does not matter to the reader."""

    values: Mapping[str, Any]

    @property
    def account(self) -> str:
        """See Payload."""
        return str(self.values.get("account", ""))

    def data(self) -> dict[str, Any]:
        """See Payload."""
        return dict(self.values)

    def spare(self, concerns: Callable[[Any], bool]) -> Self | None:
        """Only a system knows where its messages hold a person's id."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True, eq=False)
class HttpRequest:
    """The payload of systems that are reached over HTTP.

    `path` is relative to the upstream's base URL and percent-encoded (build it with `http_upstream.path`);
    `query` is encoded too. `body` is bytes, or an object that is written as JSON when it is sent or queued;
    `account` says whose credential signs the request.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Mapping[str, Any] = b""
    account: str = ""

    @cached_property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else strict_json.write(self.body)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of a body that is a JSON object. Raises strict_json.Malformed for other texts."""
        found: Mapping[str, Any] = strict_json.read(self.body) if isinstance(self.body, bytes) else self.body
        return found

    def data(self) -> dict[str, Any]:
        """The request as JSON values; the body in base64, as it may be any bytes."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": dict(self.headers),
            "body": base64.b64encode(self.content).decode(),
            "account": self.account,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The request that `data` wrote. Raises ValueError for anything else."""
        try:
            return cls(**{**data, "body": base64.b64decode(data["body"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"not a request: {error}") from error

    def spare(self, concerns: Callable[[Any], bool]) -> Self | None:
        """Looks into query and JSON body. Of a body that is a list, only the elements concerned go."""
        try:
            body = strict_json.read(self.content) if self.content else None
        except strict_json.Malformed:
            body = None
        if concerns(dict(parse_qsl(self.query))) or (not isinstance(body, list) and concerns(body)):
            return None
        if not isinstance(body, list):
            return self
        left = [element for element in body if not concerns(element)]
        if len(left) == len(body):
            return self
        return replace(self, body=strict_json.write(left)) if left else None

    def __eq__(self, other: object) -> bool:
        """Requests are equal that are the same once they are written."""
        return isinstance(other, HttpRequest) and self.data() == other.data()

    __hash__ = None  # type: ignore[assignment]  # its headers are a mapping


class KeyUse(Enum):
    """When a natural idempotency key counts."""

    ALWAYS = auto()
    """What was delivered or queued is not sent again."""

    QUEUED = auto()
    """Of the tasks that wait in the queue, one is sent."""

    UNKNOWN_OUTCOME = auto()
    """Only an earlier try whose outcome is unknown is remembered."""


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """What an endpoint's pure function returns: the message for the upstream, and what is special about it.

    `key` is a natural idempotency key that the contract defines: within one scope, tasks with the same key
    are the same task, even if their bytes differ; `key_use` says when it counts. A key is unique within its
    endpoint and `scope` (the player, the instance) and, with `by_path`, the values of the path. `good_for` is
    the number of seconds after which a queued task is useless (None: the delivery window decides; 0: it is
    never queued). `formerly`: the message as 0.1.0 made it, if its `scope`, `key` or `by_path` differed.
    """

    payload: Payload
    scope: tuple[str, ...] = ()
    key: str | None = None
    key_use: KeyUse = KeyUse.ALWAYS
    good_for: int | None = None
    by_path: bool = True
    formerly: OutboundMessage | None = None
