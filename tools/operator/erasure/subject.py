"""The person to be erased: an id as the app sends it, and the forms in which the gateway stores it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.identifiers import is_uuid, same_id
from tools.errors import CommandError
from tools.operator.erasure.report import Removal
from tools.operator.stack import Stack
from tools.operator.systems import known
from tools.systems.registry import part

MAX_LENGTH = 1024


@dataclass(frozen=True)
class Subject:
    """A person, by one id. `ids` are its spellings, as typed and as stored.

    `columns`: the columns that identify people in the system's own events, each with the value that it
    would hold.
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


class Events(Protocol):
    """How a person is erased from the events of a system that keeps its own: its module `erasure`."""

    def subject(self, user: str) -> Subject:
        """The person with this id. Raises CommandError for what is not an id."""

    def erase(self, stack: Stack, subject: Subject, removal: Removal, *, dry_run: bool) -> None:
        """Remove their events; `removal` counts what was removed, or with `dry_run` would be."""


def events(system: str) -> Events | None:
    """None for a system that has a vendor."""
    found: Events | None = part(system, "erasure")
    return found


def subject_fields(system: str) -> frozenset[str]:
    """The fields of a system's events that identify a person; see gateway.system.System."""
    return known(system).subject_fields


def subject(system: str, user: str) -> Subject:
    """The person with this id. Raises CommandError for what is not an id, and for "" and 0, which are stored
    where an event has none."""
    if user.strip() in ("", "0") or len(user) > MAX_LENGTH:
        raise CommandError(f"{user[:40]!r} is not a person's id: write it as the app sends it")
    if own := events(system):
        return own.subject(user)
    return Subject(tuple(dict.fromkeys((user, same_id(user)))))
