"""Client keys: the gateway's own credentials for apps, and what each may touch."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.errors import KeyNotAllowed, KeyRefused
from gateway.secrets import Vault


def admit(presented: Sequence[str], resource: str, vault: Vault) -> str:
    """The id of the first presented key that is known, in force, and allowed to touch `resource`.

    Raises KeyRefused where no key is good, KeyNotAllowed where a good one is not for this resource,
    KeysUnreadable where they cannot be read.
    """
    candidates = [key for key in presented if key]
    if not candidates:
        raise KeyRefused
    found = _known(candidates, vault.client_keys()) or _known(candidates, vault.client_keys(look_again=True))
    if found is None:
        raise KeyRefused
    allows = found.get("allows") or []
    if resource and resource not in allows and "*" not in allows:
        raise KeyNotAllowed(resource)
    return str(found.get("id", ""))


def _known(candidates: Sequence[str], keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    now = time.time()
    digests = [
        hashlib.sha256(candidate.encode("utf-8", "surrogatepass")).hexdigest() for candidate in candidates
    ]
    found = None
    # Every key is compared with every candidate, in constant time: the time taken tells nothing.
    for key in keys:
        expires = key.get("expires")
        for digest in digests:
            if hmac.compare_digest(digest, str(key.get("sha256", ""))) and (expires is None or now < expires):
                found = key
    return found
