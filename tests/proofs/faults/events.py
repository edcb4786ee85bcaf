"""What the apps send: an event of every endpoint, each with an identity that shows wherever it arrives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.core.identity import key_of
from tests.architecture.house import TEMPLATE
from tests.profiles import profiles
from tests.proofs.faults.kinds import Asked, Kind

KINDS: tuple[Kind, ...] = tuple(kind for profile in profiles().values() for kind in profile.kinds)
DOORS = {route.endpoint: route.path for route in TEMPLATE.routes if route.is_door}
"""The paths of batch doors by their endpoints."""

TABLES = {table: column for profile in profiles().values() for table, column in profile.tables.items()}
"""The event store's tables, and the column of each that holds an event's mark."""


@dataclass(frozen=True)
class Event:
    """One event of a run. `subject` numbers whose it is: a player, an instance, a user; `key` is what the app
    sends as `Idempotency-Key`, if it sends one. `by_door`: it is an item of a batch."""

    run: int
    number: int
    kind: Kind
    subject: int
    key: str | None
    by_door: bool = False

    @property
    def mark(self) -> str:
        """Its identity, in the form of a UUID."""
        return f"{self.run:08x}-0000-4000-8000-{self.number:012x}"

    @property
    def asked(self) -> Asked:
        """The request; the same whenever it is asked for."""
        return self.kind.asked(self.mark, self.number, self.subject)

    @property
    def record(self) -> str | None:
        """The name of its record, where the key is the client's."""
        if self.key is None:
            return None
        asked = self.asked
        values = sorted(asked.path_values.items()) if asked.by_path else []
        # A batch has one item with a key: two with one key of the batch would have to stay together.
        key = f"{self.key}:0" if self.by_door else self.key
        return key_of(self.kind.system, self.kind.endpoint, values, asked.scope, "client", asked.client, key)

    @property
    def batch(self) -> Asked:
        """The request of a batch of this event alone."""
        asked = self.asked
        query = [*asked.path_values.items(), *parse_qsl(urlsplit(asked.target).query)]
        target = DOORS[self.kind.name] + (f"?{urlencode(query)}" if query else "")
        return replace(asked, method="POST", target=target, body=b"[" + asked.body + b"]")


class Marks:
    """Finds the events of one run in what others hold: a ledger, a queue's messages, a table."""

    def __init__(self, run: int) -> None:
        self._mark = re.compile(rb"%08x-0000-4000-8000-([0-9a-f]{12})" % run)

    def of(self, *texts: bytes) -> set[int]:
        """The numbers of the events that are marked in these texts."""
        return {int(found, 16) for text in texts for found in self._mark.findall(text)}

    def sent_upstream(self, path: str, content: bytes) -> set[int]:
        """The same in a request to an upstream, whose event may be marked by its seconds."""
        for profile in profiles().values():
            if (number := profile.numbered(path, content)) is not None:
                return {number}
        return self.of(path.encode(), content)


def events_of(run: int, numbers: range, subjects: range, kinds: Sequence[Kind] = KINDS) -> list[Event]:
    """Events for the report's rows in turn, and in each for its kinds in turn; two in five have a key, and a
    fourth goes through batch doors, where there is one."""
    made = []
    rows = sorted({kind.row for kind in kinds})
    for number in numbers:
        turn, place = divmod(number, len(rows))
        own = [kind for kind in kinds if kind.row == rows[place]]
        again, index = divmod(turn, len(own))
        # Some of each kind, and some of each turn.
        key = f"key-{run}-{number}" if (again + index + place) % 5 < 2 else None
        subject = subjects[number % len(subjects)]
        # A key is claimed when the event is sent: one that expires before may leave no record.
        by_door = again % 4 == 3 and own[index].name in DOORS and not (key and own[index].expires)
        made.append(Event(run, number, own[index], subject, key, by_door))
    return made
