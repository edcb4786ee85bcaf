"""What makes two requests one: the key of their idempotency record, and the fingerprint that it must have."""

import hashlib
import json
from dataclasses import dataclass


def key_of(*parts: object) -> str:
    """The key of a record: SHA-256 of its parts, hex."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class RequestIdentity:
    """The key of a request's record, and the fingerprint that tells a repeat from a reused key."""

    key: str
    fingerprint: str
