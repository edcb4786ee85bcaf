"""An AWS that gives constructed answers: requests and answers are held against botocore's service models."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]
from botocore.validate import validate_parameters  # type: ignore[import-untyped]

from gateway import __version__

REGION = "eu-central-1"
ACCOUNT = "123456789012"
MAPPING = "a229957b-03bc-42f8-a8bd-11a093565468"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:oncall"
NAMES = {"mytracker": ("MyTracker", "Mytracker"), "track": ("Track", "Track")}
NOW = datetime.now(UTC)

_SESSION = boto3.Session(region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")


@cache
def _client(service: str) -> tuple[Any, list[Callable[..., Any]]]:
    """A client, which takes a while to make, and who answers it: the last one."""
    made, answering = _SESSION.client(service), list[Callable[..., Any]]()
    made.meta.events.register_first("before-call", lambda **given: answering[-1](**given))
    return made, answering


type Answer = dict[str, Any] | Refusal | Callable[[dict[str, Any]], dict[str, Any]]


class Refusal(Exception):
    """What AWS answers instead: an error's code and message."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code, message)
        self.parsed = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }


class Aws:
    """Stands for boto3's session. `answers` are by the operation's name; `called` are those that were."""

    region_name = REGION

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.called: set[tuple[str, str]] = set()

    def client(self, service: str, **_: Any) -> Any:
        made, answering = _client(service)
        answering.append(self._answer)
        return made

    def _answer(self, *, model: Any, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        self.called.add((model.service_model.service_name, model.name))
        answer = self.answers[model.name]
        if isinstance(answer, Refusal):
            return AWSResponse(None, 400, {}, None), answer.parsed
        found = copy.deepcopy(answer(params) if callable(answer) else answer)
        validate_parameters(found, model.output_shape)
        return AWSResponse(None, 200, {}, None), found | {"ResponseMetadata": {"HTTPStatusCode": 200}}


def healthy(url: str) -> dict[str, Answer]:
    """The answers of an account in which nothing is wrong with a stack of MyTracker and track."""
    resources = _resources()
    alarms = [id for kind, id in resources.values() if kind == "AWS::CloudWatch::Alarm"]
    return {
        "DescribeStacks": {"Stacks": [_stack(url)]},
        "ListStackResources": {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": id,
                    "ResourceType": kind,
                    "LastUpdatedTimestamp": NOW,
                    "ResourceStatus": "CREATE_COMPLETE",
                }
                for name, (kind, id) in resources.items()
            ]
        },
        "GetFunctionConfiguration": {
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Environment": {"Variables": {"TRACKGATE_VERSION": __version__}},
        },
        "DescribeLogGroups": {"logGroups": [{"logGroupName": "logs", "retentionInDays": 30}]},
        "GetAccountSettings": {
            "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
        },
        "GetMetricStatistics": {"Datapoints": [{"Timestamp": NOW, "Maximum": 12.0}]},
        "GetAccount": {
            "throttleSettings": {"rateLimit": 10000.0, "burstLimit": 5000},
            "cloudwatchRoleArn": f"arn:aws:iam::{ACCOUNT}:role/logs",
        },
        "GetEventSourceMapping": {"UUID": MAPPING, "State": "Enabled", "LastProcessingResult": "OK"},
        "GetItem": {},
        "GetQueueAttributes": {
            "Attributes": {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}
        },
        "DescribeAlarms": {"MetricAlarms": [alarm(name) for name in alarms]},
        "GetTopicAttributes": {"Attributes": {"SubscriptionsConfirmed": "1", "SubscriptionsPending": "0"}},
        "GetSecretValue": {
            "SecretString": '{"credentials": {"*": "c"}, "client_keys": [{"id": "k", "name": "ios"}]}',
            "VersionId": "v" * 32,
        },
    }


def alarm(name: str, **changed: Any) -> dict[str, Any]:
    """One of DescribeAlarms' alarms."""
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"
    usual = {"AlarmName": name, "AlarmArn": arn, "StateValue": "OK", "ActionsEnabled": True}
    return {**usual, "AlarmActions": [TOPIC], **changed}


def _stack(url: str) -> dict[str, Any]:
    outputs = {"BaseUrl": url, "ApiId": "a", "FunctionLogGroup": "logs", "Version": __version__}
    for system, (name, _) in NAMES.items():
        queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/trackgate-{system}"
        outputs |= {
            f"{name}QueueUrl": queue,
            f"{name}DeadLettersUrl": f"{queue}-dead",
            f"{name}RecordsName": f"trackgate-{system}-records",
            f"{name}SecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}Secret-1A2B",
        }
    parameters = {
        "ApiGatewayLogs": "create",
        "CorsOrigins": "*",
        "DeliveryConcurrency": "5",
        "EventStore": "mysql+pymysql://user@db.invalid/events?secret=own",
        "LogRetentionDays": "30",
        "MyTrackerClientKeys": "required",
        "ThrottleBurst": "2000",
        "ThrottleRate": "1000",
        "TrackClientKeys": "off",
        "WaitSeconds": "10",
    }
    return {
        "StackName": "trackgate",
        "CreationTime": NOW,
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    }


def _resources() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, function in NAMES.values():
        found |= {
            f"{function}Redeliver": ("AWS::Lambda::Function", f"trackgate-{function}Redeliver"),
            f"{function}RedeliverSource": ("AWS::Lambda::EventSourceMapping", MAPPING),
            f"{name}DeadLettersAlarm": ("AWS::CloudWatch::Alarm", f"{name}DeadLettersAlarm"),
            f"{name}SetupAlarm": ("AWS::CloudWatch::Alarm", f"{name}SetupAlarm"),
        }
    return found
