"""Signed calls without boto3, against moto: AWS's own client reads them, errors keep their code."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from gateway.core.reply import Reply
from gateway.outbound import aws
from gateway.outbound.http_client import HttpClient


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def test_secrets_manager() -> None:
    boto3.client("secretsmanager").create_secret(Name="s", SecretString="hidden")

    assert (
        aws.post("secretsmanager", "GetSecretValue", {"SecretId": "s"}, seconds=2)["SecretString"] == "hidden"
    )


def test_sqs() -> None:
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="q")["QueueUrl"]

    aws.post("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": "☃ 1.50"}, seconds=2)

    assert client.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "☃ 1.50"


def test_dynamodb_conditions() -> None:
    boto3.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    put = {"TableName": "t", "Item": {"key": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(#k)"}
    put["ExpressionAttributeNames"] = {"#k": "key"}

    aws.post("dynamodb", "PutItem", put, seconds=2)
    with pytest.raises(aws.AwsError, match="ConditionalCheckFailedException") as caught:
        aws.post("dynamodb", "PutItem", put, seconds=2)

    assert (caught.value.passing, caught.value.item) == (False, {})

    with pytest.raises(aws.AwsError) as caught:
        aws.post("dynamodb", "PutItem", put | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}, seconds=2)

    assert caught.value.item == {"key": {"S": "a"}}


def test_an_unknown_secret_is_not_tried_again() -> None:
    with pytest.raises(aws.AwsError, match="ResourceNotFoundException") as caught:
        aws.post("secretsmanager", "GetSecretValue", {"SecretId": "none"}, seconds=2)

    assert (caught.value.passing, caught.value.may_have_arrived) == (False, False)


@pytest.mark.parametrize(
    "passing",
    [
        Reply(status=500),
        Reply(status=503, body=b'{"__type": "Unknown"}'),
        Reply(status=429, body=b"{}"),
        Reply(status=400, body=b'{"__type": "x#ThrottlingException"}'),
        Reply(status=200, body=b"<html>"),
    ],
)
def test_what_may_pass_is_tried_again_within_the_time(
    monkeypatch: pytest.MonkeyPatch, passing: Reply
) -> None:
    replies = [passing, passing, Reply(status=200, body=b'{"a": 1}')]
    given: list[float] = []

    def send(*_: object, seconds: float, **__: object) -> Reply:
        given.append(seconds)
        return replies[len(given) - 1]

    monkeypatch.setattr(HttpClient, "send", send)

    assert aws.post("sqs", "SendMessage", {}, seconds=60) == {"a": 1}
    assert 60 >= given[0] > given[1] > given[2] > 30
