"""Requests: what deployed code really sends to AWS is what botocore would have sent, signed the same way."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import boto3
import pytest
import requests
from moto import mock_aws
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from gateway.core.task import DeliveryTask
from gateway.delivery.erasure import Forgotten
from gateway.delivery.idempotency import Claim, Claimed, RecordState
from gateway.delivery.idempotency_store import IdempotencyStore
from gateway.delivery.queue import Queue
from gateway.outbound.secrets import SystemSecret
from tests.conformity.models import called
from tests.conformity.sent import Sent
from track.store import open_store, read_secret
from track.stores.firehose import FirehoseStore

REGION = "eu-central-1"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/123456789012/queue"
PLAYER = "fe3bcc9f-3289-4651-ad15-3b995718badd"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sent]]:
    """Every request that leaves for AWS, which moto answers."""
    seen: list[Sent] = []
    with mock_aws():
        # moto has put in its own.
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
        client = boto3.client("dynamodb", region_name=REGION)
        client.create_table(
            TableName="records",
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        boto3.client("sqs", region_name=REGION).create_queue(QueueName="queue")
        boto3.client("secretsmanager", region_name=REGION).create_secret(
            Name="secret", SecretString='{"credentials": {"*": "c"}}'
        )
        passed_on = HTTPAdapter.send

        def send(
            adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
        ) -> requests.Response:
            headers = {name.lower(): str(value) for name, value in request.headers.items()}
            body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
            seen.append(Sent(str(request.method), str(request.url), headers, body))
            if "firehose" in str(request.url):
                return _taken(request, len(json.loads(body)["Records"]))
            return passed_on(adapter, request, **options)

        monkeypatch.setattr(HTTPAdapter, "send", send)
        yield seen


def _taken(request: requests.PreparedRequest, records: int) -> requests.Response:
    response = requests.Response()
    response.status_code, response.request = 200, request
    answer = {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "r"}] * records}
    response.raw = HTTPResponse(BytesIO(json.dumps(answer).encode()), preload_content=False)
    return response


def use_records() -> None:
    """A key is claimed, claimed again after its lease, written, and released."""
    table = IdempotencyStore("records")
    first = table.claim(Claim(key="k", fingerprint="f", seconds=1), 1000.0)
    assert isinstance(first, Claimed)
    later = table.claim(Claim(key="k", fingerprint="f", seconds=1), 2000.0)
    assert isinstance(later, Claimed)
    queued = replace(later.record, state=RecordState.QUEUED)
    table.write(queued, replacing=later.record)
    table.delete(queued)


def use_queue() -> None:
    """A message is queued, received and postponed; several are queued at once."""
    Queue(QUEUE).send('{"name": "☃"}')
    client = boto3.client("sqs", region_name=REGION)
    (message,) = client.receive_message(QueueUrl=QUEUE)["Messages"]
    Queue(QUEUE).later(message["ReceiptHandle"], 60)
    assert Queue(QUEUE).send_many(["one", '{"name": "two"}'], seconds=1) == [None, None]


def use_secrets() -> None:
    """The vendor's credential, and a database's password."""
    assert SystemSecret("secret").credential() == "c"
    assert read_secret("secret")


def use_stream(tasks: list[Any]) -> None:
    """Rows go to Data Firehose."""
    store = open_store("firehose://track")
    assert isinstance(store, FirehoseStore)
    assert store.send_many(tasks, seconds=1) == [None] * len(tasks)


@pytest.fixture
def everything(sent: list[Sent], row: Any) -> list[Sent]:
    """What deployed code sends to AWS, each operation at least once."""
    use_records()
    use_queue()
    use_secrets()
    use_stream([row, row])
    Forgotten.read("records", "onesignal", {"player_id"})
    return [request for request in sent if request.headers.get("user-agent", "").startswith("Trackgate/")]


@pytest.fixture
def row() -> DeliveryTask:
    """A task of track's."""
    from tests.track.conftest import task_of

    return task_of("UserEvent", "01HF7YAT00AAAAAAAAAAAAAAAA", Message="ça 🎩\n")


def test_every_operation_that_the_code_names_is_sent(everything: list[Sent]) -> None:
    assert {request.action for request in everything} == called()


def test_every_request_is_what_botocore_would_have_sent(everything: list[Sent]) -> None:
    assert [fault for request in everything for fault in request.faults()] == []


def test_every_request_is_signed_as_botocore_signs(everything: list[Sent]) -> None:
    assert all(request.is_signed("testing", REGION, token="token") for request in everything)
    assert not any(request.is_signed("another", REGION, token="token") for request in everything)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"TableName": "records", "Key": {"key": {"S": "k"}}, "ConsistentReads": True}, "Unknown parameter"),
        ({"TableName": "records"}, "Missing required parameter"),
        ({"TableName": "records", "Key": {"key": "k"}}, "Invalid type"),
        ({"TableName": "records", "Key": {"key": {"N": 5}}}, "Invalid type"),
    ],
)
def test_a_wrong_request_is_seen(wrong: Mapping[str, Any], what: str) -> None:
    headers = {"x-amz-target": "DynamoDB_20120810.GetItem", "content-type": "application/x-amz-json-1.0"}
    url = f"https://dynamodb.{REGION}.amazonaws.com/"

    (fault,) = Sent("POST", url, headers, json.dumps(wrong).encode()).faults()

    assert what in fault


def test_a_wrong_version_or_target_is_seen() -> None:
    url, body = f"https://sqs.{REGION}.amazonaws.com/", b'{"QueueUrl": "q", "MessageBody": "m"}'
    sends = {"x-amz-target": "AmazonSQS.SendMessage", "content-type": "application/x-amz-json-1.0"}

    assert Sent("POST", url, sends, body).faults() == []
    assert Sent("POST", url, {**sends, "content-type": "application/x-amz-json-1.1"}, body).faults()
    assert Sent("POST", url, {**sends, "x-amz-target": "AmazonSQS.SendMessages"}, body).faults()
    assert Sent("POST", f"{url}queue", sends, body).faults()
