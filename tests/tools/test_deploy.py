"""`make deploy` says what keeps it from starting, and what to do, before it builds anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import (  # type: ignore[import-untyped]
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    SSLError,
)

from tools.deploy import __main__ as deploy
from tools.places import ROOT

AT = "https://sts.eu-central-1.amazonaws.com/"


class Aws:
    """Its answers before the build; with an `error`, none."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.status = "CREATE_COMPLETE"
        self.credentials: object | None = object()

    def get_caller_identity(self) -> None:
        if self.error:
            raise self.error

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        if not self.status:
            error = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status, "Outputs": []}]}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    aws = Aws()

    class Session:
        def __init__(self, *, region_name: str = "") -> None:
            assert region_name in ("", "eu-central-1")

        def get_credentials(self) -> object:
            return aws.credentials

        def client(self, service: str) -> Aws:
            return aws

        def get_available_regions(self, service: str) -> list[str]:
            return ["eu-central-1"]

    monkeypatch.setattr(boto3, "Session", Session)
    monkeypatch.setattr(deploy, "install_missing", stopped)
    return aws


class Built(Exception):
    """It came as far as the build."""


def stopped(*_: object) -> None:
    raise Built


@pytest.fixture
def stage(tmp_path: Path) -> str:
    text = (ROOT / "stages" / "staging.toml").read_text()
    (tmp_path / "mine.toml").write_text(re.sub("<.*>", "5eb5a37e", text))
    return str(tmp_path / "mine.toml")


def refused(code: str, message: str = "m") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (NoCredentialsError(), "set AWS_PROFILE"),
        (refused("ExpiredToken"), "sign in again"),
        (
            refused("AccessDenied", "User a is not authorized to perform: cloudformation:DescribeStacks"),
            "add the statement Stacks of docs/deployer-policy.json",
        ),
        (EndpointConnectionError(endpoint_url=AT), "check the network"),
        (SSLError(endpoint_url=AT, error="self-signed certificate"), "AWS_CA_BUNDLE"),
        (KeyboardInterrupt(), "run this again afterwards"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_fails_before_the_build(
    aws: Aws, stage: str, error: Exception, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.error = error

    assert deploy.main([stage]) == 2

    (line,) = capsys.readouterr().out.splitlines()
    assert step in line


def test_an_incomplete_stage_names_the_command_that_asks(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["staging"]) == 2

    assert capsys.readouterr().out.endswith("`bin/trackgate init staging` asks for what is missing.\n")


def test_no_credentials_at_all(aws: Aws, stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    aws.credentials = None

    assert deploy.main([stage]) == 2

    assert "No AWS credentials: set AWS_PROFILE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("ROLLBACK_COMPLETE", "aws cloudformation delete-stack --stack-name trackgate-staging --region eu-"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name trackgate-stag"),
        ("UPDATE_IN_PROGRESS", "wait until that is over, and deploy again"),
    ],
)
def test_a_stack_that_cannot_be_deployed_over(
    aws: Aws, stage: str, status: str, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.status = status

    assert deploy.main([stage]) == 2

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"trackgate-staging is {status}: ")
    assert step in line


@pytest.mark.parametrize(
    "status", ["", "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"]
)
def test_any_other_stack_can(aws: Aws, stage: str, status: str) -> None:
    aws.status = status

    with pytest.raises(Built):
        deploy.main([stage])
