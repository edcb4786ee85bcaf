"""Client keys in a system's secret: created, rotated, revoked by pure functions of the document."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.errors import CommandError
from tools.operator.secret import Document

SECRET_BYTES = 32
ID_BYTES = 5


@dataclass(frozen=True)
class NewKey:
    """A new key, `tg_<id>_<256-bit secret>`: only its hash is stored, so it is readable only once."""

    id: str = field(default_factory=lambda: secrets.token_hex(ID_BYTES))
    secret: str = field(default_factory=lambda: secrets.token_hex(SECRET_BYTES), repr=False)

    @property
    def text(self) -> str:
        """The key as an app sends it."""
        return f"tg_{self.id}_{self.secret}"

    def entry(
        self, *, name: str, allows: Iterable[str], created: float, expires: float | None
    ) -> dict[str, Any]:
        """The key's entry in the secret. Times are Unix seconds."""
        return {
            "id": self.id,
            "sha256": hashlib.sha256(self.text.encode()).hexdigest(),
            "name": name,
            "allows": list(allows),
            "created": int(created),
            "expires": None if expires is None else int(expires),
        }


def keys(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A document's entries."""
    listed = document.get("client_keys")
    return [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []


def seconds(value: object) -> float | None:
    """A time in an entry; None if it is not a number, as in a secret that was edited by hand."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def left(key: Mapping[str, Any], now: float) -> float:
    """The seconds for which functions take a key; infinite for one that never expires, none for one whose
    expiry is not a number."""
    if key.get("expires") is None:
        return math.inf
    expires = seconds(key["expires"])
    return -math.inf if expires is None else expires - now


def good(document: Mapping[str, Any], now: float) -> list[dict[str, Any]]:
    """The entries of the keys that functions take."""
    return [key for key in keys(document) if left(key, now) > 0]


def allowed(key: Mapping[str, Any]) -> list[str]:
    """The names that a key allows."""
    allows = key.get("allows")
    return [str(name) for name in allows] if isinstance(allows, list) else []


def found(document: Mapping[str, Any], id: str) -> dict[str, Any] | None:
    """A key's entry."""
    return next((key for key in keys(document) if key.get("id") == id), None)


def with_key(document: Document, entry: Mapping[str, Any]) -> Document:
    """The document with another entry."""
    return document | {"client_keys": [*keys(document), dict(entry)]}


def without_key(document: Document, id: str) -> Document:
    """The document without a key."""
    return document | {"client_keys": [key for key in keys(document) if key.get("id") != id]}


def rotated(document: Document, id: str, new: NewKey, *, now: float, grace: float) -> Document:
    """The document in which `new` has the rights of key `id`, which expires after `grace` seconds.

    The new key gets the lifetime that the old one had. An old key that expires earlier keeps its expiry.
    Raises CommandError if there is no old key, or its expiry is not a number.
    """
    old = found(document, id)
    if old is None:
        raise CommandError(f"Key {id} no longer exists: another operator has revoked it")
    expires, created = seconds(old.get("expires")), seconds(old.get("created"))
    if expires is None and old.get("expires") is not None:
        raise CommandError(f"Key {id} has an expiry that is not a number: revoke it and create another one")
    life = None if expires is None else expires - (now if created is None else created)
    entry = new.entry(
        name=str(old.get("name", "")),
        allows=old.get("allows") or [],
        created=now,
        expires=None if life is None else now + max(life, grace),
    )
    last = now + grace if expires is None else min(expires, now + grace)
    ending = {**old, "expires": int(last)}
    others = [ending if key is old else key for key in keys(document)]
    return document | {"client_keys": [*others, entry]}
