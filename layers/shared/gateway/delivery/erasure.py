"""People who asked to be forgotten: what waits in a queue for them is not delivered any more.

A system's table of records holds one item with all of its tombstones: a hash of the system and the person's
id, and when it was asked. Workers read it every ten seconds. What a person does afterwards is not theirs: it
is for the owner of the app to stop that.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import parse_qsl

from gateway.core import strict_json
from gateway.core.identifiers import is_uuid
from gateway.core.identity import key_of
from gateway.core.task import DeliveryTask, HttpRequest
from gateway.delivery.idempotency_store import TABLE_SECONDS
from gateway.outbound import aws

KEEP_SECONDS = 30 * 24 * 3600
"""How long a tombstone stands: what was queued a moment before lives 14 days in its queue and, given up and
sent again by an operator, as long among the dead letters."""


def item_key(system: str) -> str:
    """The key of the item with a system's tombstones. Its attributes: `people`, a map of Unix seconds by
    mark, and `expires`."""
    return key_of("forgotten", system)


def mark(system: str, person: str) -> str:
    """What stands on a tombstone."""
    return key_of("forgotten", system, person)


@dataclass(frozen=True)
class Forgotten:
    """A system's tombstones: when each person asked (Unix seconds), by mark.

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
        """The task without what is about these people, None if nothing is left of it."""
        if not self.asked:
            return task
        return without(task, self.fields, lambda person: self._had_asked(person, task))

    def _had_asked(self, person: str, task: DeliveryTask) -> bool:
        # 0.1.0 put a UUID's tombstone up in the letters that its operator typed.
        spellings = {person, person.lower(), person.upper()} if is_uuid(person) else {person}
        asked = (self.asked.get(mark(self.system, spelling)) for spelling in spellings)
        return any(at is not None and task.received_at <= at for at in asked)


def without(task: DeliveryTask, fields: Set[str], is_gone: Callable[[str], bool]) -> DeliveryTask | None:
    """The task without what is about people that `is_gone` tells; None if nothing is left of it.

    A task is about whom its scope names, its query, its row or its body, by a field of `fields` at any
    depth. Of a body that is a list, only the elements that are about them go.
    """

    def about(value: Any) -> bool:
        return any(is_gone(person) for person in _people(value, fields))

    # The account is a project or an app, never a person.
    if any(is_gone(person) for person in task.scope if person != task.payload.get("account")):
        return None
    if "body" not in task.payload:
        return None if about(task.payload) else task
    request = HttpRequest.of(task.payload)
    try:
        body = strict_json.read(request.body) if request.body else None
    except strict_json.Malformed:
        body = None
    if about(dict(parse_qsl(request.query))) or (not isinstance(body, list) and about(body)):
        return None
    if not isinstance(body, list):
        return task
    left = [element for element in body if not about(element)]
    if len(left) == len(body):
        return task
    return replace(task, payload=replace(request, body=strict_json.write(left)).data()) if left else None


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
