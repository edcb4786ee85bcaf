"""What the gateway has to tell an upstream, as plain data.

A `Call` is sent now, or queued and sent later, replayed by an operator, or compared in a test: always the
same value. It holds no credential, no app id and no client key; `send` adds those on the way out.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, Self

from gateway.core import strict_json

VERSION = 1
"""The form of a queued task. Queued tasks outlive deployments: a new form gets a new number, and `loads`
goes on reading every older one."""

LONGEST_RETRY_AFTER = 24 * 3600
"""Seconds. An upstream that asks for more is heard no further."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_event_id(now: float | None = None) -> str:
    """A ULID: 26 characters, 48 bits of Unix milliseconds and 80 random bits, sorted by time."""
    milliseconds = round((time.time() if now is None else now) * 1000)
    number = (milliseconds << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -5, -5))


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """The payload of the four systems that are reached over HTTP.

    `path` is relative to the upstream's base URL and percent-encoded (build it with `http.path`); `query` is
    encoded too. `account` says whose credential signs the request (a Trax project, a MyTracker idApp).
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    account: str = ""

    def data(self) -> dict[str, Any]:
        """The request as JSON values; the body in base64, as it may be any bytes."""
        return asdict(self) | {"headers": dict(self.headers), "body": base64.b64encode(self.body).decode()}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        """The request that `data` wrote. Raises ValueError for anything else."""
        try:
            return cls(**{**payload, "body": base64.b64decode(payload["body"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"not a request: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Row:
    """The payload of track: one row of one table. Values are text, integers and booleans; an amount is text
    with exactly four decimal places. `EventID` is the database's; `Created` and `GatewayEventID` come from
    the task that carries the row."""

    table: str
    values: Mapping[str, str | int | bool]

    def data(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {"table": self.table, "values": dict(self.values)}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        """The row that `data` wrote."""
        return cls(**payload)


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """What an endpoint's pure function returns: what to tell the upstream, and what is special about it.

    `key` is a natural idempotency key that the contract defines: within one scope, calls of one key are one
    call, whatever their bytes. `key_use` says when it counts: `always` (what was delivered or queued is not
    sent again), `queued` (of what waits in the queue one is sent), `unanswered` (only an earlier try whose
    end nobody knows is remembered). `scope` is what a key is unique within beside the endpoint (the player,
    the instance), `good_for` the seconds after which a
    queued task is of no use any more (None: the delivery window decides; 0: it is never queued). `by_path`:
    the path's values are part of what a key is unique within; False where `scope` has said what counts.
    `formerly`: what was told in 0.1.0 in `scope`, `key` and `by_path`, where that was otherwise.
    """

    payload: HttpRequest | Row
    scope: tuple[str, ...] = ()
    key: str | None = None
    key_use: Literal["always", "queued", "unanswered"] = "always"
    good_for: int | None = None
    by_path: bool = True
    formerly: OutboundMessage | None = None


class NewerVersion(ValueError):
    """A Call of a version above ours: a newer release queued it, and can read it."""


@dataclass(frozen=True, kw_only=True)
class DeliveryTask:
    """One message to one upstream.

    `received_at` and `expires_at` are Unix seconds (`received_at` with milliseconds); `key` is the record's
    name in `once` (SHA-256, hex); `fingerprint` is the SHA-256 of the request as received, which tells a
    repeat from a reused key.
    """

    system: str
    endpoint: str
    event_id: str
    received_at: float
    payload: Mapping[str, Any]
    scope: tuple[str, ...] = ()
    key: str = ""
    fingerprint: str = ""
    expires_at: int | None = None
    version: int = VERSION

    @property
    def may_wait(self) -> bool:
        """Whether it is of use at all after the request that it came with."""
        return self.expires_at is None or self.expires_at > self.received_at

    def dumps(self) -> str:
        """The task as the text of a queue's message."""
        data = asdict(self) | {"payload": dict(self.payload), "scope": list(self.scope)}
        return strict_json.write(data, ascii_only=True).decode()

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read what any deployed version of `dumps` wrote.

        Raises NewerVersion for what only a later release can read, ValueError for anything else.
        """
        data = strict_json.read(text.encode())
        version = data.get("version") if isinstance(data, dict) else None
        if isinstance(version, int) and version > VERSION:
            raise NewerVersion(f"a Call of version {version}")
        if version != VERSION:
            raise ValueError("not a task of a version that this code reads")
        try:
            task = cls(
                **data | {"scope": tuple(data.get("scope", ())), "received_at": float(data["received_at"])}
            )
        except (TypeError, KeyError, OverflowError) as error:
            raise ValueError(f"not a Call: {error}") from error
        texts = (task.system, task.endpoint, task.event_id, task.key, task.fingerprint, *task.scope)
        if not (
            all(isinstance(text, str) for text in texts)
            and isinstance(task.payload, dict)
            and isinstance(task.expires_at, int | None)
        ):
            raise ValueError("not a task: a part of another type")
        if "body" in task.payload:
            HttpRequest.of(task.payload)
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
