"""What makes two requests one: the key and the fingerprint of their idempotency record."""

import hashlib
import json
from collections.abc import Sequence

from gateway.core.data import dataclass

_written = json.JSONEncoder(sort_keys=True).encode


def key_of(*parts: object) -> str:
    """A record's key: SHA-256 of its parts, in hex."""
    return hashlib.sha256(_written(parts).encode("utf-8", "surrogatepass")).hexdigest()


def event_key(system: str, endpoint: str, scope: Sequence[str], event_id: str) -> str:
    """The key of a task that shares it with no other request, only with its own copies in the queue."""
    return key_of(system, endpoint, scope, "event", event_id)


@dataclass(frozen=True)
class RequestIdentity:
    """The key of a request's record, and the fingerprint that distinguishes a repeat from a reused key."""

    key: str
    fingerprint: str
