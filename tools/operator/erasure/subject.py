"""The person to be erased: an id as the app sends it, and the forms in which the gateway stores it."""

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
class Subject:
    """A person, by one id. `ids` are its spellings, as typed and as stored: track stores `007` as `7`.

    `columns`: track's columns that identify people, each with the value that it would hold.
    """

    ids: tuple[str, ...]
    columns: Mapping[str, str | int] = field(default_factory=dict)

    def named(self, text: str) -> bool:
        """Whether this id is the subject's."""
        return same_id(text) in self.ids

    def mentioned(self, text: str) -> bool:
        """Whether a text that cannot be parsed may concern the subject."""
        return any(
            id in text or json.dumps(id)[1:-1] in text or (is_uuid(id) and id.lower() in text.lower())
            for id in self.ids
        )


def subject_fields(system: str) -> frozenset[str]:
    """The fields of a system's events that identify a person; see gateway.system.System."""
    return known(system).subject_fields


def subject(system: str, user: str) -> Subject:
    """The person with this id. Raises CommandError for what is not an id, and for "" and 0, which are stored
    where an event has none."""
    if user.strip() in ("", "0") or len(user) > MAX_LENGTH:
        raise CommandError(f"{user[:40]!r} is not a person's id")
    if system != "track":
        return Subject(tuple(dict.fromkeys((user, same_id(user)))))
    columns = _columns(user)
    if not columns:
        raise CommandError(
            f"{user!r} is not an id of track: a ProfileID is a 32-bit integer other than 0, "
            f"a SessionID has at most {_SESSION_LENGTH} characters"
        )
    return Subject(tuple(dict.fromkeys(str(value) for value in columns.values())), columns)


_SESSION_LENGTH = next(column.length for column in TABLES["SessionEvent"] if column.name == "SessionID")


def _columns(user: str) -> dict[str, str | int]:
    """Parsed as the endpoints parse the fields of these names."""
    found: dict[str, str | int] = {}
    if len(user) <= _SESSION_LENGTH:
        found["SessionID"] = user
    try:
        number = integer(user)
    except ValueError:
        return found
    return found | ({"ProfileID": number} if number else {})
