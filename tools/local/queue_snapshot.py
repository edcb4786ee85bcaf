"""What was acknowledged and not delivered when a run ended: found at the next start, and put back.

MiniStack writes its state when it ends, whoever ended it. Of that, the queues' messages and the records of
keys are taken over into a file of ours, which stays until they are in the new deployment's queues and
tables: its names may be others, and a start may fail on its way.
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
from tools.local.snapshot_file import logical_id, saved, write_private
from tools.places import Places

_AT_ONCE = 25
"""The most items that DynamoDB takes in one request."""


@dataclass
class Kept:
    """Messages' texts by message id, and records by key, each under the logical id of its queue or table."""

    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Self:
        """What the file holds; nothing if there is none."""
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def write(self, file: Path) -> None:
        """Write it so that a crash leaves the old file or the new one."""
        write_private(file, asdict(self) if self else {})

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return any(self.messages.values()) or any(self.records.values())

    def __str__(self) -> str:
        """`3 messages, 5 records`."""
        messages, records = (sum(map(len, kept.values())) for kept in (self.messages, self.records))
        return f"{messages} messages, {records} records"

    def take_over(self, state: Path) -> None:
        """Add what MiniStack wrote into its state folder."""
        for queue in saved(state / "sqs.json", "queues"):
            texts = {message["id"]: message["body"] for message in queue["messages"]}
            self.messages.setdefault(logical_id(queue["name"]), {}).update(texts)
        for table in saved(state / "dynamodb.json", "tables"):
            items = {
                item["key"]["S"]: item
                for by_sort_key in table["items"].values()
                for item in by_sort_key.values()
                if float(item["expires"]["N"]) > time.time()
            }
            self.records.setdefault(logical_id(table["TableName"]), {}).update(items)

    def put_back(self, aws: LocalAws, deployed: Deployed) -> None:
        """Into the queues and tables of a deployment; what has no place there (its system is off) stays.

        Records first: a worker takes a message as soon as it is in its queue.
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


def find(places: Places) -> Kept:
    """What earlier runs left, safely in `places.kept`; keys and credentials go to `places.secrets`.

    MiniStack's own state, which holds all secrets, goes.
    """
    kept = Kept.read(places.kept)
    if places.aws.exists():
        kept.take_over(places.aws)
        kept.write(places.kept)
        secret_snapshot.take_over(places.aws, places.secrets)
        shutil.rmtree(places.aws)
    return kept
