"""What an upstream is to receive, as plain data: the message, and the delivery task that carries it.

A task is sent now, queued and sent later, redriven by an operator, or compared in a test: always the same
value. It holds no credential, no app id and no client key: those are added on the way out.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from functools import cached_property
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl

from gateway.core import strict_json

VERSION = 1
"""The form of a queued task. Queued tasks outlive deployments: a new form gets a new number, and `loads`
goes on reading every older one."""

LONGEST_RETRY_AFTER = 24 * 3600
"""The longest `Retry-After` that is honoured, in seconds."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_event_id(now: float | None = None) -> str:
    """A ULID: 26 characters, 48 bits of Unix milliseconds and 80 random bits, sorted by time."""
    milliseconds = round((time.time() if now is None else now) * 1000)
    number = (milliseconds << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -5, -5))


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


class NewerVersion(ValueError):
    """A task of a version above ours: a newer release queued it, and can read it."""


type PayloadReader = Callable[[Mapping[str, Any]], Payload]
"""Reads what `Payload.data` wrote. Raises ValueError for anything else."""


@dataclass(frozen=True, kw_only=True)
class DeliveryTask:
    """One message to one upstream.

    `received_at` and `expires_at` are Unix seconds (`received_at` with milliseconds); `key` names its
    idempotency record (SHA-256, hex); `fingerprint` is the SHA-256 of the request as received, which tells a
    repeat from a reused key.
    """

    system: str
    endpoint: str
    event_id: str
    received_at: float
    payload: Payload
    scope: tuple[str, ...] = ()
    key: str = ""
    fingerprint: str = ""
    expires_at: int | None = None
    version: int = VERSION

    @property
    def may_wait(self) -> bool:
        """Whether it is of any use once its request has been answered."""
        return self.expires_at is None or self.expires_at > self.received_at

    def expired(self, now: float) -> bool:
        """Whether, by its contract, it is useless at `now` (Unix seconds)."""
        return self.expires_at is not None and self.expires_at <= now

    def dumps(self) -> str:
        """The task as the text of a queue's message."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        data |= {"payload": self.payload.data(), "scope": list(self.scope)}
        return strict_json.write(data, ascii_only=True).decode()

    @classmethod
    def loads(cls, text: str, payload: PayloadReader = Opaque) -> Self:
        """Read what any deployed version of `dumps` wrote.

        Raises NewerVersion for what only a later release can read, ValueError for anything else.
        """
        data = strict_json.read(text.encode())
        version = data.get("version") if isinstance(data, dict) else None
        if isinstance(version, int) and version > VERSION:
            raise NewerVersion(f"a task of version {version}")
        if version != VERSION or not isinstance(data.get("payload"), dict):
            raise ValueError("not a task of a version that this code reads")
        try:
            task = cls(
                **data
                | {
                    "payload": payload(data["payload"]),
                    "scope": tuple(data.get("scope", ())),
                    "received_at": float(data["received_at"]),
                }
            )
        except (TypeError, KeyError, OverflowError) as error:
            raise ValueError(f"not a task: {error}") from error
        texts = (task.system, task.endpoint, task.event_id, task.key, task.fingerprint, *task.scope)
        if not (all(isinstance(text, str) for text in texts) and isinstance(task.expires_at, int | None)):
            raise ValueError("not a task: a part of another type")
        return task


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An upstream's own answer, as far as the gateway looks at it. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def retry_after(self) -> int | None:
        """The seconds that `Retry-After` asks for in either form of RFC 9110, at most a day; None for others.

        Seconds for a date, too: the clock of a phone may be wrong.
        """
        text = self.headers.get("retry-after", "").strip()
        if re.fullmatch("[0-9]+", text):
            return min(int(text.lstrip("0")[:6] or 0), LONGEST_RETRY_AFTER)
        if re.fullmatch("[A-Za-z0-9 ,:+-]{1,40}", text) is None:
            return None
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        left = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        return min(max(0, int(left)), LONGEST_RETRY_AFTER)
