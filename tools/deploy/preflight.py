"""What keeps a deployment from starting, found out before a build that takes half a minute."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tools.deploy.stage import Stage
from tools.errors import CommandError
from tools.failures.aws import code

_NEVER_CREATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")


def check(stage: Stage) -> None:
    """Ask AWS who the caller is, and in which state the stack. Raises CommandError, and boto3's errors."""
    session = boto3.Session(region_name=stage.region)
    if session.get_credentials() is None:
        raise CommandError(
            "No AWS credentials: set AWS_PROFILE, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "
            "`aws configure`"
        )
    session.client("sts").get_caller_identity()  # no policy can deny it: what fails is the sign-in
    status = _status(session.client("cloudformation"), stage.stack)
    if status in _NEVER_CREATED:
        raise CommandError(
            f"{stage.stack} is {status}: its first deployment failed, and CloudFormation can only delete it. "
            "The events of that deployment say why: `aws cloudformation describe-stack-events --stack-name "
            f"{stage.stack} --region {stage.region}`. Then run `aws cloudformation delete-stack --stack-name "
            f"{stage.stack} --region {stage.region}`, and deploy again"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise CommandError(
            f"{stage.stack} is {status}: run `aws cloudformation continue-update-rollback --stack-name "
            f"{stage.stack} --region {stage.region}`, and deploy again"
        )
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise CommandError(f"{stage.stack} is {status}: wait until that is over, and deploy again")


def _status(formation: Any, stack: str) -> str:
    """The stack's, empty if there is none."""
    try:
        (found,) = formation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if code(error) == "ValidationError":
            return ""
        raise
    return str(found["StackStatus"])
