"""Erasure requests: queued events of a person who asked to be forgotten are not delivered.

The system's idempotency store holds one item with all of its tombstones: a hash of the system and the
person's id, and the time of the request. Workers read it every ten seconds. Events received
after the request are delivered: stopping those is up to the app's owner.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import field, replace
from typing import Any, Self

from gateway.core.clock import passed
from gateway.core.data import dataclass
from gateway.core.identifiers import is_uuid
from gateway.core.identity import key_of
from gateway.core.task import DeliveryTask
from gateway.core.telemetry import log
from gateway.delivery.idempotency_store import TABLE_SECONDS
from gateway.outbound import aws

KEEP_SECONDS = 30 * 24 * 3600
"""How long a tombstone is kept: an event queued just before it spends up to 14 days in the queue and, if
it is redriven, up to 14 more among the dead letters."""

FRESH_SECONDS = 10.0
"""How long a worker caches the tombstones: DynamoDB would throttle one item that every batch reads."""

STALE_SECONDS = 60.0
"""How long the cached tombstones are used while they cannot be read again."""


def item_key(system: str) -> str:
    """The key of the item with a system's tombstones.

    Its attributes: `people`, a map from mark to Unix seconds, and `expires`.
    """
    return key_of("forgotten", system)


def mark(system: str, person: str) -> str:
    """The hash that stands for a person on a tombstone."""
    return key_of("forgotten", system, person)


@dataclass(frozen=True)
class Forgotten:
    """A system's tombstones: the time of each request (Unix seconds), by mark.

    `fields` are the names of the fields that hold a person's id; see System.
    """

    system: str
    fields: Set[str]
    asked: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, table: str, system: str, fields: Set[str]) -> Self:
        """Read them. Raises aws.AwsError."""
        body = {"TableName": table, "Key": {"key": {"S": item_key(system)}}, "ConsistentRead": True}
        item = aws.post("dynamodb", "GetItem", body, seconds=TABLE_SECONDS).get("Item") or {}
        people = item.get("people", {}).get("M", {})
        return cls(system, fields, {name: float(at["N"]) for name, at in people.items()})

    def spare(self, task: DeliveryTask) -> DeliveryTask | None:
        """The task without what concerns these people; None if nothing is left of it."""
        if not self.asked:
            return task
        return without(task, self.fields, lambda person: self._had_asked(person, task))

    def _had_asked(self, person: str, task: DeliveryTask) -> bool:
        # 0.1.0 hashed a UUID in the case that the operator had typed.
        spellings = {person, person.lower(), person.upper()} if is_uuid(person) else {person}
        asked = (self.asked.get(mark(self.system, spelling)) for spelling in spellings)
        return any(at is not None and task.received_at <= at for at in asked)


class Tombstones:
    """A system's tombstones, cached for ten seconds, or for a minute while they cannot be read."""

    def __init__(
        self, system: str, table: str, fields: Set[str], *, clock: Callable[[], float] = passed
    ) -> None:
        """`table` is the idempotency store's; a system without one has no tombstones."""
        self._system = system
        self._table = table
        self._fields = fields
        self._clock = clock
        self._found: Forgotten | None = None
        self._read_at = -STALE_SECONDS

    def read(self) -> Forgotten | None:
        """The tombstones; None if they could not be read for a minute."""
        if not self._table:
            return Forgotten(self._system, self._fields)
        now = self._clock()
        age = now - self._read_at
        if self._found is not None and age < FRESH_SECONDS:
            return self._found
        try:
            self._found = Forgotten.read(self._table, self._system, self._fields)
            self._read_at = now
        except aws.AwsError as error:
            log.warning("tombstones unread", system=self._system, code=error.code)
            return self._found if age < STALE_SECONDS else None
        return self._found


def without(task: DeliveryTask, fields: Set[str], is_gone: Callable[[str], bool]) -> DeliveryTask | None:
    """The task without what concerns the people for whom `is_gone` is true; None if nothing is left of it.

    A task concerns everyone named in its scope, and everyone named in its query, row or body by one of
    `fields`, at any depth. Of a body that is a list, only the elements concerned are removed.
    """

    # The account is a project or an app, never a person.
    if any(is_gone(person) for person in task.scope if person != task.payload.account):
        return None
    left = task.payload.spare(lambda value: any(is_gone(person) for person in _people(value, fields)))
    if left is None:
        return None
    return task if left is task.payload else replace(task, payload=left)


def _people(value: Any, fields: Set[str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(inner, dict | list):
                yield from _people(inner, fields)
            elif name in fields and inner is not None:
                yield str(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _people(inner, fields)
