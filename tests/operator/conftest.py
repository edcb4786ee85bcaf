"""A stack for the operator's commands: SQS, Secrets Manager and DynamoDB by moto, in this process alone."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient  # type: ignore[import-untyped]
from moto import mock_aws
from typer.main import get_command
from typer.testing import CliRunner, Result

from gateway.core.message import HttpRequest
from gateway.core.task import DeliveryTask, new_event_id
from gateway.delivery.dead_letters import DeadLetter
from tests.conftest import ROOT
from tests.operator.policy import Asked, allows
from tools.operator import output
from tools.operator.app import app
from tools.operator.client_keys import commands
from tools.operator.dead_letters import queue
from tools.operator.erasure import tombstones
from tools.operator.stack import Stack
from track.row import Row

SYSTEMS = {"onesignal": "OneSignal", "pushexpress": "PushExpress", "mytracker": "MyTracker", "track": "Track"}


class CloudWatch:
    """Keeps what is counted, as moto's own would need packages of its own; `oldest` is the age in seconds of
    any queue's oldest message."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, str, int]] = []
        self.oldest: float | None = None

    def put_metric_data(self, *, Namespace: str, MetricData: Sequence[dict[str, Any]]) -> None:
        assert Namespace == "gateway-metrics"
        self.counted += [
            (each["Dimensions"][0]["Value"], each["MetricName"], each["Value"]) for each in MetricData
        ]

    def get_metric_statistics(self, *, MetricName: str, **_: Any) -> dict[str, Any]:
        assert MetricName == "ApproximateAgeOfOldestMessage"
        newest = {"Timestamp": datetime.now(UTC), "Maximum": self.oldest}
        return {"Datapoints": [] if self.oldest is None else [newest]}


class World:
    """The stack, what is in it, and a terminal."""

    def __init__(self, stack: Stack, cloudwatch: CloudWatch) -> None:
        self.stack = stack
        self.cloudwatch = cloudwatch

    def run(self, *arguments: str, code: int = 0, text: str | bytes | None = None) -> Result:
        """A command line, which must end with `code`."""
        done = CliRunner().invoke(app, list(arguments), input=text)
        assert done.exit_code == code, (done.output, done.exception)
        return done

    def dead_letter(self, task: DeliveryTask | str, reason: str = "refused", **given: Any) -> str:
        """Put a letter among the dead letters of its system; return the task's text."""
        message = task if isinstance(task, str) else task.dumps()
        letter = DeadLetter(
            message=message,
            reason=reason,
            died_at=time.time() - given.pop("age", 0),
            receives=given.pop("receives", 3),
            **given,
        )
        system = "onesignal" if isinstance(task, str) else task.system
        self.sqs.send_message(QueueUrl=self.stack.dead_letters(system), MessageBody=letter.dumps())
        return message

    @property
    def sqs(self) -> Any:
        return self.stack.client("sqs")

    def waiting(self, url: str) -> list[str]:
        """What a queue holds that nobody hides."""
        texts: list[str] = []
        while found := self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=900
        ).get("Messages"):
            texts += [message["Body"] for message in found]
        return texts

    def queued(self, system: str = "onesignal") -> list[str]:
        return self.waiting(self.stack.queue(system))

    def dead(self, system: str = "onesignal") -> list[str]:
        """The messages in the letters that anybody may read now; reading hides them."""
        return [DeadLetter.loads(text).message for text in self.waiting(self.stack.dead_letters(system))]

    def secret(self, system: str) -> dict[str, Any]:
        found = self.stack.client("secretsmanager").get_secret_value(
            SecretId=self.stack.secret(system), VersionStage="AWSCURRENT"
        )
        document: dict[str, Any] = json.loads(found["SecretString"])
        return document


@pytest.fixture(autouse=True, scope="session")
def one_command() -> Iterator[None]:
    """Typer makes its commands anew for each call of a test, as it does once in the operator's process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is folded, whatever terminal the tests run in."""
    monkeypatch.setattr(output.out, "width", 200)
    monkeypatch.setattr(output.notes, "width", 200)


@pytest.fixture(autouse=True)
def permitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a command asks of AWS, the documented policy allows."""
    asked: list[Asked] = []
    task = BaseClient._make_api_call

    def call_noted(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if _caller().is_relative_to(ROOT / "tools" / "operator"):
            asked.append(Asked(client.meta.service_model.service_name, operation, parameters))
        return task(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call_noted)
    yield
    refused = {str(each) for each in asked if not allows(each)}
    assert refused == set(), "AWS would refuse this: allow it in docs/operator-policy.json"


def _caller() -> Path:
    """The file that made boto3 call: a test may look at AWS, too, while a command runs."""
    # Not traceback.extract_stack: it reads the source of every frame, which took a quarter of these tests.
    frames = (frame.f_code.co_filename for frame, _ in traceback.walk_stack(sys._getframe(2)))
    return Path(next(file for file in frames if "botocore" not in Path(file).parts))


@cache
def _boto3(service: str) -> Any:
    """One client for all tests: making one costs more than most tests, and moto answers whoever asks."""
    return boto3.Session("testing", "testing", region_name="eu-central-1").client(service)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """See World."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setattr(queue, "WAIT_SECONDS", 0)
    monkeypatch.setattr(commands, "AFTER_UNKNOWN_KEY_SECONDS", 0)
    monkeypatch.setattr(tombstones, "sleep", lambda seconds: None)
    with mock_aws():
        sqs, secrets, dynamodb = (_boto3(name) for name in ("sqs", "secretsmanager", "dynamodb"))
        cloudwatch = CloudWatch()
        outputs = {"MetricsNamespace": "gateway-metrics"}
        for name in SYSTEMS.values():
            outputs[f"{name}QueueUrl"] = sqs.create_queue(QueueName=f"trackgate-{name}Queue-1A2B")["QueueUrl"]
            outputs[f"{name}DeadLettersUrl"] = sqs.create_queue(
                QueueName=f"trackgate-{name}DeadLetters-1A2B"
            )["QueueUrl"]
            outputs[f"{name}SecretArn"] = secrets.create_secret(
                Name=f"{name}Secret-1A2B", SecretString='{"credentials": {}, "client_keys": []}'
            )["ARN"]
            outputs[f"{name}RecordsName"] = f"trackgate-{name}Records-1A2B"
            dynamodb.create_table(
                TableName=f"trackgate-{name}Records-1A2B",
                AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )

        def client(service: str) -> Any:
            return cloudwatch if service == "cloudwatch" else _boto3(service)

        stack = Stack(name="test", client=client, outputs=outputs)
        monkeypatch.setattr(Stack, "open", classmethod(lambda cls, *_, **__: stack))
        yield World(stack, cloudwatch)


@pytest.fixture
def make_task() -> Callable[..., DeliveryTask]:
    """A task of a system: `make_task(endpoint="new_purchase", player="…")`."""

    def build(
        system: str = "onesignal",
        *,
        endpoint: str = "new_session",
        player: str = "fe3bcc9f-3289-4651-ad15-3b995718badd",
        age: float = 0,
        expires_in: int | None = None,
        payload: HttpRequest | Row | None = None,
        scope: tuple[str, ...] | None = None,
    ) -> DeliveryTask:
        now = time.time()
        event_id = new_event_id()
        request = payload or HttpRequest(
            method="POST",
            path=f"/players/{player}/on_session",
            headers={"Content-Type": "application/json"},
            body=b'{"language":"en"}',
        )
        return DeliveryTask(
            system=system,
            endpoint=endpoint,
            event_id=event_id,
            received_at=now - age,
            payload=request,
            scope=(player,) if scope is None else scope,
            key=event_id,
            fingerprint=event_id,
            expires_at=None if expires_in is None else int(now) + expires_in,
        )

    return build
