"""An account with a stack of all systems, as far as `bin/trackgate status` asks AWS about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from tests.operator.doctor.aws import ACCOUNT, MAPPING, NOW, REGION, Answer, Aws
from tools.operator.app import app
from tools.systems.registry import profiles

LOG_GROUP = "trackgate-FunctionLogs-1A2B"

PREFIXES = {name: profile.prefix for name, profile in profiles().items()}
"""How the resources of each system begin."""


def stack(**parameters: str) -> dict[str, Any]:
    """DescribeStacks' answer."""
    outputs: dict[str, str] = {"FunctionLogGroup": LOG_GROUP}
    for name in PREFIXES.values():
        queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/trackgate-{name}"
        outputs |= {
            f"{name}QueueUrl": f"{queue}Queue",
            f"{name}DeadLettersUrl": f"{queue}DeadLetters",
            f"{name}SecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}Secret-1A2B",
            f"{name}RecordsName": f"trackgate-{name}Records",
        }
    found = {
        "StackName": "trackgate",
        "CreationTime": NOW,
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    }
    return {"Stacks": [found]}


def counts(by_queue: Mapping[str, tuple[int, int, int]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Each queue's visible, delayed and invisible messages, by the end of its name; 0 of the others."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        url = json.loads(asked["body"])["QueueUrl"]
        found = next((found for name, found in by_queue.items() if url.endswith(name)), (0, 0, 0))
        names = ("", "Delayed", "NotVisible")
        each = zip(names, found, strict=True)
        return {"Attributes": {f"ApproximateNumberOfMessages{name}": str(number) for name, number in each}}

    return answer


def secret(**document: Any) -> dict[str, Any]:
    """GetSecretValue's answer."""
    return {"SecretString": json.dumps(document), "VersionId": "v" * 32}


def account(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """An account in which nothing hurts, instead of boto3's."""
    monkeypatch.delenv("TRACKGATE_STACK", raising=False)
    mappings = [
        {
            "LogicalResourceId": f"{name}RedeliverSource",
            "PhysicalResourceId": MAPPING,
            "ResourceType": "AWS::Lambda::EventSourceMapping",
            "LastUpdatedTimestamp": NOW,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for name in PREFIXES.values()
    ]
    answers: dict[str, Answer] = {
        "DescribeStacks": stack(),
        "ListStackResources": {"StackResourceSummaries": mappings},
        "GetEventSourceMapping": {"UUID": MAPPING, "State": "Enabled"},
        "GetQueueAttributes": counts({}),
        "GetItem": {},
        "GetSecretValue": secret(credentials={"*": "c"}),
        "GetMetricData": {"MetricDataResults": []},
        "GetMetricStatistics": {"Datapoints": []},
        "FilterLogEvents": {"events": []},
    }
    found = Aws(answers)
    monkeypatch.setattr(boto3, "Session", lambda **_: found)
    return found


def run(*arguments: str, code: int = 0) -> Result:
    """The command, which must end with `code`."""
    done = CliRunner().invoke(app, ["status", *arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done


def rows(done: Result) -> dict[str, Any]:
    """The rows of `--json` by their systems."""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["system"]: row for row in found}
