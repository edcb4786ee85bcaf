"""Client keys: the gateway's own credentials for apps, and what each may use."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gateway.core.data import dataclass
from gateway.core.errors import ClientKeyNotAllowed, ClientKeyRefused
from gateway.outbound.secrets import SystemSecret


@dataclass(frozen=True)
class Client:
    """Who sends a request, by its client key: the key's `id`, and the `account` that the key names.

    Both are empty where no key is asked for; `account` also where the request itself names one, and for a key
    that names none: its events go to the stack's own account.
    """

    id: str = ""
    account: str = ""


ANYONE = Client()
"""Who sends a request for which no client key is asked."""


def admit(presented: Sequence[str], resource: str, secret: SystemSecret) -> Client:
    """The first presented key that is known and valid, if it may use `resource`.

    Raises ClientKeyRefused if no key is valid, ClientKeyNotAllowed if the valid one is not for this resource
    or does not tell which account its events go to, ClientKeysUnavailable if the known keys cannot be read.
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
    named = secret.account.named_in(allowed) if secret.account else []
    if len(named) > 1:
        raise ClientKeyNotAllowed(", ".join(named))
    return Client(str(found.get("id", "")), *named)


def _known(candidates: Sequence[str], keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    now = time.time()
    found = None
    # Every candidate is compared with every key, in constant time, so that timing reveals nothing.
    for candidate in reversed(candidates):
        digest = hashlib.sha256(candidate.encode("utf-8", "surrogatepass")).hexdigest().encode()
        for key in keys:
            same = hmac.compare_digest(digest, str(key.get("sha256", "")).encode())
            if same and _is_valid(key.get("expires"), now):
                found = key
    return found


def _is_valid(expires: object, now: float) -> bool:
    """An expiry that is not a number has passed; a broken entry affects no other key."""
    return expires is None or (isinstance(expires, int | Decimal) and now < expires)
