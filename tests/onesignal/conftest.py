"""Fixtures of OneSignal's tests."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gateway.endpoint import Endpoint
from gateway.outbound import aws
from onesignal import budget, identities, lookups, user_calls
from tests.imported import imported
from tests.onesignal.models import MODELS
from tests.onesignal.stage import Clock, OneSignal, Stage, Table


@pytest.fixture(params=MODELS)
def each_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint that a test module is about, as functions import it under either model."""
    handler: Endpoint[Any, Any] = request.module.handler
    found = copy(imported(f"onesignal.{handler.name}", MODELS[request.param].settings))
    found.system = replace(found.system)  # with a circuit breaker of its own
    monkeypatch.setattr(request.module, "handler", found)
    if hasattr(request.module, "onesignal"):
        monkeypatch.setattr(request.module, "onesignal", found.system)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """See Stage."""
    table = Table()
    clock = Clock()
    stage = Stage(table, OneSignal(table, clock=clock), clock)
    monkeypatch.setattr(aws, "post", table)
    for module in (budget, identities, lookups, user_calls):
        monkeypatch.setattr(module, "time", clock)

    def count(system: str, name: str, number: int = 1) -> None:
        assert system == "onesignal"
        stage.counted[name] = stage.counted.get(name, 0) + number

    monkeypatch.setattr(user_calls, "count", count)
    return stage


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    """A client of moto's DynamoDB, with a table `records`."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        client = boto3.client("dynamodb")
        client.create_table(
            TableName="records",
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture
def records(dynamodb: Any) -> Any:
    """The same, the table empty."""
    for item in dynamodb.scan(TableName="records")["Items"]:
        dynamodb.delete_item(TableName="records", Key={"key": item["key"]})
    return dynamodb
