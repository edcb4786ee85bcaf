"""Acknowledged events that were not delivered when a run ended: found at the next start, and restored.

MiniStack writes its state whenever it ends. The queues' messages and the idempotency records in it are copied
into a file, which stays until they are in the new deployment's queues and tables: their physical names may
differ there, and a start may fail half-way.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from tools.local import secret_snapshot
from tools.local.aws import LocalAws
from tools.local.deploy import Deployed
from tools.local.snapshot_file import logical_id, readable, stored, write_private
from tools.places import Places
from tools.template.reader import Template

_AT_ONCE = 25
"""DynamoDB's limit for the items of one request."""


@dataclass
class QueueSnapshot:
    """Message bodies by message id, and records by key, each under the logical id of its queue or table."""

    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Self:
        """The file's snapshot; an empty one if there is no file."""
        with readable(file):
            found = cls(**json.loads(file.read_text())) if file.exists() else cls()
            texts = {type(text) for each in found.messages.values() for text in each.values()}
            items = {type(item) for each in found.records.values() for item in each.values()}
            if not (texts <= {str} and items <= {dict}):
                raise ValueError("a message is not text, or a record is not an object")
        return found

    def write(self, file: Path) -> None:
        """Write the file; a crash leaves the old or the new one."""
        write_private(file, asdict(self) if self else {})

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return any(self.messages.values()) or any(self.records.values())

    def __str__(self) -> str:
        """`3 messages, 1 record`."""
        messages, records = (sum(map(len, each.values())) for each in (self.messages, self.records))
        return f"{_counted(messages, 'message')}, {_counted(records, 'record')}"

    def held(self, template: Template) -> list[str]:
        """The systems that were on hold: an item of their table says until when."""
        return [
            system
            for system, prefix in template.prefixes.items()
            if any("until" in item for item in self.records.get(f"{prefix}Records", {}).values())
        ]

    def add_state(self, state: Path) -> None:
        """Add what MiniStack wrote to its state folder."""
        for queue in stored(state / "sqs.json", "queues"):
            texts = {message["id"]: message["body"] for message in queue["messages"]}
            self.messages.setdefault(logical_id(queue["name"]), {}).update(texts)
        for table in stored(state / "dynamodb.json", "tables"):
            items = {
                item["key"]["S"]: item
                for by_sort_key in table["items"].values()
                for item in by_sort_key.values()
                if float(item["expires"]["N"]) > time.time()
            }
            self.records.setdefault(logical_id(table["TableName"]), {}).update(items)

    def restore(self, aws: LocalAws, deployed: Deployed) -> None:
        """Write it to a deployment's queues and tables; what has none there (its system is off) stays in it.

        Records come first, because a worker takes a message as soon as it is in its queue.
        """
        for name in self.records.keys() & deployed.resources.keys():
            table = deployed.resources[name]
            items = list(self.records.pop(name).values())
            for start in range(0, len(items), _AT_ONCE):
                puts = [{"PutRequest": {"Item": item}} for item in items[start : start + _AT_ONCE]]
                aws.client("dynamodb").batch_write_item(RequestItems={table: puts})
        for name in self.messages.keys() & deployed.resources.keys():
            for text in self.messages.pop(name).values():
                aws.client("sqs").send_message(QueueUrl=deployed.resources[name], MessageBody=text)


def take(places: Places) -> QueueSnapshot:
    """What earlier runs left, saved to `places.queue_snapshot`; secrets go to `places.secret_snapshot`.

    MiniStack's own state, which contains all secrets, is deleted.
    """
    snapshot = QueueSnapshot.read(places.queue_snapshot)
    if places.aws.exists():
        with readable(places.aws):
            snapshot.add_state(places.aws)
            snapshot.write(places.queue_snapshot)
            secret_snapshot.update(places.aws, places.secret_snapshot)
        shutil.rmtree(places.aws)
    return snapshot


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
