"""docs/operator-policy.json allows what the commands call, and nothing that no command calls.

conftest.py asks whether each call that a command makes in these tests is allowed on its own resource.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name  # type: ignore[import-untyped]

from tests.conformity.models import model
from tests.operator.policy import Asked, actions, allows, iam_action, listed, statements
from tools.places import ROOT

SERVICES = (
    *("apigateway", "athena", "cloudformation", "cloudwatch", "dynamodb", "lambda", "logs"),
    *("s3", "secretsmanager", "sns", "sqs"),
)

ATHENA_ITSELF = {"glue:GetDatabase", "glue:GetTable", "glue:GetPartitions", "s3:GetBucketLocation"}
"""What Athena does by the caller's rights when it runs a query; the commands themselves need not.

Source: https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html and
https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
"""

OPERATIONS = {
    (service, xform_name(operation)): operation
    for service in SERVICES
    for operation in model(service).operation_names
}


def called(file: Path) -> Iterator[tuple[str, str]]:
    """The operations that a file calls by boto3's method names or pages through; where several services have
    one of that name, those whose names the file has."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    methods = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for service, method in OPERATIONS:
        pages = "get_paginator" in methods and method in texts
        if method in methods or pages:
            others = [each for each in SERVICES if (each, method) in OPERATIONS]
            if len(others) == 1 or service in texts:
                yield service, OPERATIONS[service, method]


# A vendor of the sandbox calls nobody: its `.query` is a request's.
FILES = [
    *(ROOT / "tools" / "operator").rglob("*.py"),
    *(file for file in (ROOT / "tools" / "systems").rglob("*.py") if "vendor" not in file.name),
]
CALLED = {iam_action(*operation) for file in FILES for operation in called(file)}


def test_what_the_commands_call_is_allowed() -> None:
    assert CALLED - actions() == set(), "allow it in docs/operator-policy.json"


def test_what_is_allowed_is_called() -> None:
    assert actions() - CALLED - ATHENA_ITSELF == set(), "take it out of docs/operator-policy.json"


def test_it_names_what_it_reaches_wherever_iam_can() -> None:
    everywhere = {
        action
        for statement in statements()
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }

    assert everywhere == {
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:PutMetricData",
        "lambda:GetAccountSettings",
        "logs:DescribeLogGroups",
        "sns:GetTopicAttributes",
    }


@pytest.mark.parametrize(
    ("asked", "may"),
    [
        (Asked("sqs", "SendMessage", {"QueueUrl": "https://sqs.x/1/trackgate-AcmeQueue-1"}), True),
        (Asked("sqs", "SendMessage", {"QueueUrl": "https://sqs.x/1/another"}), False),
        (Asked("sqs", "PurgeQueue", {"QueueUrl": "https://sqs.x/1/trackgate-AcmeQueue-1"}), False),
        (Asked("s3", "GetObject", {"Bucket": "trackgate-trackbucket-1", "Key": "events/a"}), True),
        (Asked("s3", "ListObjectsV2", {"Bucket": "mine"}), False),
        (Asked("cloudwatch", "PutMetricData", {"Namespace": "trackgate-staging"}), True),
        (Asked("cloudwatch", "PutMetricData", {"Namespace": "AWS/Lambda"}), False),
    ],
    ids=str,
)
def test_the_policy_is_understood(asked: Asked, may: bool) -> None:
    assert allows(asked) is may
