"""The delivery task: an outbound message on its way, and what is known of it.

A task is sent now, queued and sent later, redriven by an operator, or compared in a test: always the same
value. It holds no credential, no app id and no client key: those are added on the way out.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from gateway.core import strict_json
from gateway.core.data import dataclass
from gateway.core.identity import event_key
from gateway.core.message import Opaque, Payload

FIRST_FORM = 1
ACCOUNT_BY_KEY = 2
"""The form of a task whose client key named its account: 0.2.0 would send it to the stack's own, so it must
leave it alone."""

VERSION = ACCOUNT_BY_KEY
"""The newest form of a queued task. Queued tasks outlive deployments: a new form gets a new number, and
`loads` goes on reading every older one."""


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]


def new_event_id(now: float | None = None) -> str:
    """A ULID: 26 characters, 48 bits of Unix milliseconds and 80 random bits, sorted by time."""
    milliseconds = round((time.time() if now is None else now) * 1000)
    number = (milliseconds << 80) | secrets.randbits(80)
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -10, -10)])


def batch_id(event_id: str) -> str:
    """The id of the batch that an item's id counts up from: the same, with two zeros at its end."""
    return event_id[:-2] + _PAIRS[0]


def item_id(batch: str, index: int) -> str:
    """The id of a batch's item, by the batch's id and the item's index from 0: its lines name the batch."""
    return batch[:-2] + _PAIRS[index + 1]


class NewerVersion(ValueError):
    """A task of a version above ours: a newer release queued it, and can read it."""


type PayloadReader = Callable[[Mapping[str, Any]], Payload]
"""Reads what `Payload.data` wrote. Raises ValueError for anything else."""


@dataclass(frozen=True, kw_only=True)
class DeliveryTask:
    """One message to one upstream.

    `received_at` and `expires_at` are Unix seconds (`received_at` with milliseconds); `key` names its
    idempotency record (SHA-256, hex); `fingerprint` is the SHA-256 of the request as received, which tells a
    repeat from a reused key; `version` is its form.
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
    version: int = FIRST_FORM

    @property
    def may_wait(self) -> bool:
        """Whether it is of any use once its request has been answered."""
        return self.expires_at is None or self.expires_at > self.received_at

    @property
    def is_keyed_by_event(self) -> bool:
        """Whether no other request has its key, only its own copies in the queue."""
        if self.key != self.fingerprint:
            return False  # the client's key
        # A client key's id may end the scope, and is no part of the key.
        scopes = (self.scope, self.scope[:-1])
        return any(
            self.key == event_key(self.system, self.endpoint, scope, self.event_id) for scope in scopes
        )

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
        if version not in range(FIRST_FORM, VERSION + 1) or not isinstance(data.get("payload"), dict):
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
