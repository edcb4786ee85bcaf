"""AWS and a vendor in a few lines, for tests that carry out the steps of the protocol."""

from collections.abc import Sequence
from typing import Any

from gateway.core.answer import Answer, Success
from gateway.core.errors import UpstreamError
from gateway.core.message import Opaque
from gateway.core.reply import Reply
from gateway.core.settings import Settings
from gateway.core.task import DeliveryTask
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy
from gateway.inbound.dialect import Dialect
from gateway.outbound import aws
from gateway.outbound.secrets import SystemSecret
from gateway.system import System

OK = Reply(status=200, body=b"{}")
SUCCESS = Success(queued=Answer(status=202))
CLIENTS_KEY = DeliveryPolicy(KeyPolicy.CLIENT)


class Aws:
    """SQS and DynamoDB in a few lines: conditions are those that `records.Table` writes."""

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}
        self.queues: dict[str, list[str]] = {"queue": [], "dead": []}
        self.down: set[str] = set()
        self.refused: list[str] = []
        """Parts of messages of which SendMessageBatch refuses the next that has one; each counts once."""
        self.batches: list[int] = []

    def __call__(self, service: str, action: str, body: Any, *, seconds: float) -> dict[str, Any]:
        if service in self.down or action in self.down or body.get("QueueUrl") in self.down:
            raise aws.AwsError("ServiceUnavailable", passing=True)
        if action == "SendMessage":
            self.queues[body["QueueUrl"]].append(body["MessageBody"])
            return {}
        if action == "SendMessageBatch":
            return self._batch(body)
        if action == "GetItem":
            assert body["ConsistentRead"]
            found = self.items.get(body["Key"]["key"]["S"])
            return {"Item": found} if found else {}
        key = (body.get("Item") or body["Key"])["key"]["S"]
        stands = self.items.get(key)
        wanted = body.get("ExpressionAttributeValues")
        mine = stands is None if wanted is None else stands and stands["owner"] == wanted[":owner"]
        if not mine:
            raise aws.AwsError("ConditionalCheckFailedException", passing=False)
        if action == "PutItem":
            self.items[key] = body["Item"]
        else:
            del self.items[key]
        return {}

    def _batch(self, body: Any) -> dict[str, Any]:
        entries = body["Entries"]
        assert len({entry["Id"] for entry in entries}) == len(entries) <= 10
        assert sum(len(entry["MessageBody"]) for entry in entries) <= 1024 * 1024
        self.batches.append(len(entries))
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in entries:
            found = next((part for part in self.refused if part in entry["MessageBody"]), None)
            if found is None:
                self.queues[body["QueueUrl"]].append(entry["MessageBody"])
                answer["Successful"].append({"Id": entry["Id"], "MessageId": "m"})
            else:
                self.refused.remove(found)
                answer["Failed"].append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
        return answer

    @property
    def states(self) -> list[str]:
        return [item["state"]["S"] for item in self.items.values()]


class Vendor:
    """An upstream that ends each send as the test says; the last end stays."""

    def __init__(self, *ends: Reply | UpstreamError, at_once: int = 1) -> None:
        self.ends = list(ends)
        self.at_once = at_once
        self.sent: list[str] = []
        self.waits: dict[str, float] = {}

    def prepare(self) -> None:
        pass

    def together(self, task: DeliveryTask) -> str | None:
        return "" if self.at_once > 1 else None

    def wait(self, task: DeliveryTask) -> float:
        return self.waits.get(task.event_id, 0)

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        self.sent.append(task.event_id)
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if isinstance(end, UpstreamError):
            raise end
        return end

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        assert len(tasks) <= self.at_once
        failures: list[UpstreamError | None] = []
        for task in tasks:
            try:
                self.send(task, seconds=seconds)
                failures.append(None)
            except UpstreamError as error:
                failures.append(error)
        return failures


SETTINGS = Settings(queue="queue", dead_letters="dead", records="records")


def delivery(vendor: Vendor, **settings: Any) -> System:
    return System(
        name="trax",
        settings=SETTINGS.model_copy(update=settings),
        secret=SystemSecret(""),
        upstream=vendor,
        dialect=Dialect(),
        settled=lambda reply: reply.status == 409,
    )


def task(event: str = "e", key: str = "k", fingerprint: str = "f") -> DeliveryTask:
    return DeliveryTask(
        system="trax", endpoint="session", event_id=event, received_at=1.0, payload=Opaque({}), key=key,
        fingerprint=fingerprint,
    )  # fmt: skip


def first(way: System, policy: DeliveryPolicy, **parts: str) -> Any:
    return way.deliver(task(**parts), policy, SUCCESS, seconds_left=10)
