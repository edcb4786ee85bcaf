"""Erasing a person's events of track: whom an id means, and what is removed for them."""

from __future__ import annotations

from tools.errors import CommandError
from tools.operator.erasure.report import Removal
from tools.operator.erasure.subject import Subject
from tools.operator.stack import Stack
from track.fields import integer
from track.stores.record import TABLES

_SESSION_LENGTH = next(column.length for column in TABLES["SessionEvent"] if column.name == "SessionID")


def subject(user: str) -> Subject:
    """The person with this ProfileID, where `007` is stored as `7`, or SessionID. Raises CommandError."""
    columns = _columns(user)
    if not columns:
        raise CommandError(
            f"{user!r} is not an id of track: a ProfileID is a 32-bit integer other than 0, "
            f"a SessionID has at most {_SESSION_LENGTH} characters"
        )
    return Subject(tuple(dict.fromkeys(str(value) for value in columns.values())), columns)


def erase(stack: Stack, subject: Subject, removal: Removal, *, dry_run: bool) -> None:
    """Remove their events from the store that the stack's `EventStore` names."""
    if bucket := stack.outputs.get("TrackBucketName"):
        from tools.systems.track.erased_objects import erase_objects

        erase_objects(stack, bucket, subject, removal, dry_run=dry_run)
        return
    from tools.systems.track.erased_rows import erase_rows  # here, because SQLAlchemy is slow to import

    erase_rows(stack, subject, removal, dry_run=dry_run)


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
