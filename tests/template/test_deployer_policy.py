"""The rights that `docs/deployer-policy.json` gives, against what CloudFormation does for each resource."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.house import ROOT
from tools.deploy.stage import STAGES, Stage
from tools.template.decided import decided
from tools.template.translated import translated

POLICY: dict[str, Any] = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())
HANDLERS: dict[str, list[str]] = json.loads(Path(__file__).with_name("handlers.json").read_text())[
    "permissions"
]
ALLOWED = [action for statement in POLICY["Statement"] for action in statement["Action"]]

EVERYTHING = {
    "WafRateLimit": "100",
    "DomainName": "api.example.com",
    "HostedZoneId": "Z1",
    "VpcSubnetIds": "subnet-1",
    "VpcSecurityGroupIds": "sg-1",
}

NOT_NEEDED = {
    r"(kms|kinesis|s3tables|s3files|elasticfilesystem|lakeformation):.*": "nothing of these is used",
    r"(amplify|apprunner|appsync|bedrock-agentcore|cognito-idp):.*": "the web ACL is an API's",
    r"(elasticloadbalancing:.*|ec2:.*VerifiedAccess.*)": "the web ACL is an API's",
    r"dynamodb:((Batch)?(Write|Delete|Get|Put|Update)Item|ImportTable|Query|Scan)": "no data is imported",
    r"dynamodb:(.*TableReplica|.*KinesisStreamingDestination)": "no replicas, no stream",
    r"glue:.*Connection": "no federated database",
    r"lambda:(DeleteFunctionCodeSigningConfig|PassCapacityProvider)": "no such feature is used",
    r"logs:(PutLogEvents|AssociateKmsKey|DisassociateKmsKey)": "no data is imported, no key",
    r"secretsmanager:(GetRandomPassword|.*Replicat.*)": "no generated password, one region",
    r"s3:(AbortMultipartUpload|List.*Upload.*|(Delete|Put|Get)Object.*|REST.PUT.OBJECT)": "no objects",
    r"iam:.*RolePermissionsBoundary": "no boundary is set",
}
"""What the schemas name for features that this template does not use."""


def _is_allowed(action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in ALLOWED)


def _types() -> set[str]:
    return {
        found["Type"]
        for values in ({}, EVERYTHING)
        for found in decided(translated(), values)["Resources"].values()
    }


def test_every_resource_can_be_created_read_updated_and_deleted() -> None:
    types = _types()

    assert types <= HANDLERS.keys(), "tests/template/handlers.json does not know these types"
    for kind in sorted(types):
        wanted = [one for one in HANDLERS[kind] if not any(re.fullmatch(each, one) for each in NOT_NEEDED)]
        assert wanted, kind
        assert [one for one in wanted if not _is_allowed(one)] == [], kind


def test_nothing_is_allowed_that_no_resource_needs() -> None:
    needed = {action for kind in _types() for action in HANDLERS[kind]}
    unused = [
        pattern
        for pattern in ALLOWED
        if not pattern.startswith("cloudformation:")
        and not any(fnmatchcase(action.lower(), pattern.lower()) for action in needed)
    ]

    assert unused == []


@pytest.mark.parametrize("pattern", NOT_NEEDED)
def test_every_exception_is_one(pattern: str) -> None:
    assert any(re.fullmatch(pattern, action) for actions in HANDLERS.values() for action in actions)


def test_no_event_and_no_message_can_be_read_with_it() -> None:
    reading = [
        "dynamodb:GetItem",
        "dynamodb:Scan",
        "sqs:ReceiveMessage",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
    ]

    assert [action for action in reading if _is_allowed(action)] == []
    for statement in POLICY["Statement"]:
        if any(fnmatchcase("s3:GetObject", action) for action in statement["Action"]):
            assert statement["Resource"] == ["arn:aws:s3:::aws-sam-cli-managed-default-*"]


def test_roles_are_the_stacks_own_and_passed_to_named_services() -> None:
    for statement in POLICY["Statement"]:
        if any(action.startswith("iam:") for action in statement["Action"]):
            assert all(
                ":role/trackgate*" in one or ":role/aws-service-role/" in one for one in statement["Resource"]
            )
        if "iam:PassRole" in statement["Action"]:
            assert statement["Condition"]["StringEquals"]["iam:PassedToService"]


def test_it_fits_a_managed_policy() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 6,144 without white space.
    assert len(re.sub(r"\s", "", json.dumps(POLICY))) <= 6144


@pytest.mark.parametrize("file", sorted(STAGES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_stages_stacks_are_named_as_it_expects(file: Path) -> None:
    assert Stage.read(file.stem).stack.startswith("trackgate")
