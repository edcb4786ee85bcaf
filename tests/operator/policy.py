"""docs/operator-policy.json, asked as IAM would be: may an operator make this call?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tools.places import ROOT

FILE = ROOT / "docs" / "operator-policy.json"
_ACCOUNT = "eu-central-1:123456789012"

IAM_ACTIONS = {
    "apigateway:GetAccount": "apigateway:GET",
    "s3:ListObjectsV2": "s3:ListBucket",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
"""IAM actions whose names differ from the operation's, by AWS's service authorization reference."""


@dataclass(frozen=True)
class Asked:
    """One call: `service` and `operation` as botocore names them, and its parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def action(self) -> str:
        """The IAM action."""
        return iam_action(self.service, self.operation)

    @property
    def resource(self) -> str:
        """The ARN of what it is about; `*` for what IAM gives no resource."""
        return _arn(self.service, self.parameters)

    def __str__(self) -> str:
        """As a failed test shows it."""
        return f"{self.action} on {self.resource}"


def iam_action(service: str, operation: str) -> str:
    """The IAM action of an operation."""
    name = f"{service}:{operation}"
    return IAM_ACTIONS.get(name, name)


def statements() -> list[dict[str, Any]]:
    """The policy's statements."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text())["Statement"]
    return found


def actions() -> set[str]:
    """Every action that the policy allows."""
    return {action for statement in statements() for action in listed(statement["Action"])}


def allows(asked: Asked) -> bool:
    """Whether some statement allows the call."""
    return any(
        asked.action in listed(statement["Action"])
        and any(_matches(asked.resource, pattern) for pattern in listed(statement["Resource"]))
        and all(_holds(condition, asked) for condition in statement.get("Condition", {}).items())
        for statement in statements()
    )


def listed(value: Any) -> list[Any]:
    """IAM takes one for a list of one."""
    return value if isinstance(value, list) else [value]


def _matches(resource: str, pattern: str) -> bool:
    return fnmatchcase(resource, pattern) if resource != "*" else pattern == "*"


def _holds(condition: tuple[str, Mapping[str, str]], asked: Asked) -> bool:
    match condition:
        case ("StringLike", {"cloudwatch:namespace": pattern}):
            return fnmatchcase(str(asked.parameters.get("Namespace")), pattern)
        case ("ArnLike", {"lambda:FunctionArn": _}):
            return "UUID" in asked.parameters  # the call names a mapping, and IAM looks up its function
    raise AssertionError(f"not understood: {condition}")


def _arn(service: str, said: Mapping[str, Any]) -> str:
    return next(_arns(service, said), "*")


def _arns(service: str, said: Mapping[str, Any]) -> Iterator[str]:
    match service:
        case "sqs":
            yield f"arn:aws:sqs:{_ACCOUNT}:{str(said['QueueUrl']).rpartition('/')[2]}"
        case "dynamodb":
            yield f"arn:aws:dynamodb:{_ACCOUNT}:table/{said['TableName']}"
        case "secretsmanager":
            secret = str(said["SecretId"])
            yield (
                secret if secret.startswith("arn:") else f"arn:aws:secretsmanager:{_ACCOUNT}:secret:{secret}-"
            )
        case "s3":
            yield f"arn:aws:s3:::{said['Bucket']}" + (f"/{said['Key']}" if "Key" in said else "")
        case "cloudformation":
            yield f"arn:aws:cloudformation:{_ACCOUNT}:stack/{said['StackName']}/id"
        case "lambda" if "FunctionName" in said:
            yield f"arn:aws:lambda:{_ACCOUNT}:function:{said['FunctionName']}"
        case "lambda" if "UUID" in said:
            yield f"arn:aws:lambda:{_ACCOUNT}:event-source-mapping:{said['UUID']}"
        case "apigateway":
            yield "arn:aws:apigateway:eu-central-1::/account"
        case "logs" if "logGroupName" in said:
            yield f"arn:aws:logs:{_ACCOUNT}:log-group:{said['logGroupName']}"
        case "athena":
            yield f"arn:aws:athena:{_ACCOUNT}:workgroup/{said.get('WorkGroup', 'primary')}"
