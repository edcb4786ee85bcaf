"""Client keys: the gateway's own credentials for apps, and what each may touch."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gateway.core.errors import ClientKeyNotAllowed, ClientKeyRefused
from gateway.outbound.secrets import SystemSecret


def admit(presented: Sequence[str], resource: str, secret: SystemSecret) -> str:
    """The id of the first presented key that is known, in force, and allowed to touch `resource`.

    Raises KeyRefused where no key is good, KeyNotAllowed where a good one is not for this resource,
    KeysUnreadable where they cannot be read.
    """
    candidates = [key for key in presented if key]
    if not candidates:
        raise ClientKeyRefused
    found = _known(candidates, secret.client_keys()) or _known(
        candidates, secret.client_keys(look_again=True)
    )
    if found is None:
        raise ClientKeyRefused
    allows = found.get("allows")
    allowed = {str(name) for name in allows} if isinstance(allows, list) else set()
    if resource and not allowed & {resource, "*"}:
        raise ClientKeyNotAllowed(resource)
    return str(found.get("id", ""))


def _known(candidates: Sequence[str], keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    now = time.time()
    found = None
    # Every key is compared with every candidate, in constant time: the time taken tells nothing.
    for candidate in reversed(candidates):
        digest = hashlib.sha256(candidate.encode("utf-8", "surrogatepass")).hexdigest().encode()
        for key in keys:
            same = hmac.compare_digest(digest, str(key.get("sha256", "")).encode())
            if same and _in_force(key.get("expires"), now):
                found = key
    return found


def _in_force(expires: object, now: float) -> bool:
    """An expiry that is no number has passed: one broken entry must not open or close the door for others."""
    return expires is None or (isinstance(expires, int | Decimal) and now < expires)
