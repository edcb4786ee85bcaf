"""Whom an operator means: an id as the app sends it, and the ways in which the gateway keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.identifiers import is_uuid, same_id
from tools.errors import CommandError
from tools.operator.systems import known
from track.fields import integer
from track.stores.record import TABLES

MAX_LENGTH = 1024


@dataclass(frozen=True)
class Person:
    """Somebody, by one id. `ids` are its spellings, as typed and as kept: `007` is `7` in track's ProfileID.

    `columns` are the values of track's columns that name them, each with the one that it would hold.
    """

    ids: tuple[str, ...]
    columns: Mapping[str, str | int] = field(default_factory=dict)

    def named(self, text: str) -> bool:
        """Whether an id is theirs."""
        return same_id(text) in self.ids

    def mentioned(self, text: str) -> bool:
        """Whether a text that nobody can parse may be about them."""
        return any(
            id in text or json.dumps(id)[1:-1] in text or (is_uuid(id) and id.lower() in text.lower())
            for id in self.ids
        )


def fields(system: str) -> frozenset[str]:
    """See gateway.system.System."""
    return known(system).subject_fields


def person(system: str, user: str) -> Person:
    """Raises Trouble for what can be no id, and for what would name everybody: absent ones are stored as ""
    and 0."""
    if user.strip() in ("", "0") or len(user) > MAX_LENGTH:
        raise CommandError("That is nobody's id")
    if system != "track":
        return Person(tuple(dict.fromkeys((user, same_id(user)))))
    columns = _columns(user)
    if not columns:
        raise CommandError(
            f"{user!r} is not an id of track: a ProfileID is a 32-bit integer other than 0, "
            f"a SessionID has at most {_SESSION_LENGTH} characters"
        )
    return Person(tuple(dict.fromkeys(str(value) for value in columns.values())), columns)


_SESSION_LENGTH = next(column.length for column in TABLES["SessionEvent"] if column.name == "SessionID")


def _columns(user: str) -> dict[str, str | int]:
    """Read as the endpoints read the fields of these names."""
    found: dict[str, str | int] = {}
    if len(user) <= _SESSION_LENGTH:
        found["SessionID"] = user
    try:
        number = integer(user)
    except ValueError:
        return found
    return found | ({"ProfileID": number} if number else {})
