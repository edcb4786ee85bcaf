"""Client keys in a system's secret: made, replaced, taken away. Pure functions of the document."""

from __future__ import annotations

import hashlib
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
    """A key that exists nowhere but here, until its operator has read it once: `tg_<id>_<256-bit secret>`."""

    id: str = field(default_factory=lambda: secrets.token_hex(ID_BYTES))
    secret: str = field(default_factory=lambda: secrets.token_hex(SECRET_BYTES), repr=False)

    @property
    def text(self) -> str:
        """What an app sends."""
        return f"tg_{self.id}_{self.secret}"

    def entry(
        self, *, name: str, allows: Iterable[str], created: float, expires: float | None
    ) -> dict[str, Any]:
        """What the secret keeps of it. Times are Unix seconds."""
        return {
            "id": self.id,
            "sha256": hashlib.sha256(self.text.encode()).hexdigest(),
            "name": name,
            "allows": list(allows),
            "created": int(created),
            "expires": None if expires is None else int(expires),
        }


def keys(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of a document."""
    listed = document.get("client_keys")
    return [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []


def seconds(value: object) -> float | None:
    """A time of an entry, None for what is no number: somebody may have edited the secret by hand."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def found(document: Mapping[str, Any], id: str) -> dict[str, Any] | None:
    """The entry of a key."""
    return next((key for key in keys(document) if key.get("id") == id), None)


def with_key(document: Document, entry: Mapping[str, Any]) -> Document:
    """The document with one entry more."""
    return document | {"client_keys": [*keys(document), dict(entry)]}


def without_key(document: Document, id: str) -> Document:
    """The document without a key."""
    return document | {"client_keys": [key for key in keys(document) if key.get("id") != id]}


def rotated(document: Document, id: str, new: NewKey, *, now: float, grace: float) -> Document:
    """The document in which `new` may do what key `id` may, and `id` ends after `grace` seconds.

    The new key is given as long a life as the old one was. An old key that ends before that stays so.
    Raises Trouble where there is no old one, as the new one would be nowhere, and where the old one's times
    are no numbers.
    """
    old = found(document, id)
    if old is None:
        raise CommandError(f"Key {id} is not there any more: another operator revoked it")
    expires, created = seconds(old.get("expires")), seconds(old.get("created"))
    if expires is None and old.get("expires") is not None:
        raise CommandError(f"Key {id} has an expiry that is no number: revoke it and create another")
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
