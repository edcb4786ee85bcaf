"""The command line itself: where it runs, which stack it takes, what it says when there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from typer.testing import CliRunner, Result

from gateway import __version__
from tests.conftest import ROOT
from tools.operator.app import app
from tools.operator.duration import seconds, spoken
from tools.operator.stack import Stack
from tools.operator.trouble import Trouble

FOUND = {
    "Outputs": [
        {"OutputKey": f"PushExpress{name}", "OutputValue": name}
        for name in ("QueueUrl", "DeadLettersUrl", "RecordsName")
    ],
    "Parameters": [{"ParameterKey": "PushExpressUrl", "ParameterValue": "https://example.com"}],
}


class CloudFormation:
    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        if StackName != "mine":
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"{StackName} does not exist"}},
                "DescribeStacks",
            )
        return {"Stacks": [FOUND]}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The regions that were asked."""
    regions: list[str | None] = []

    class Session:
        def __init__(self, *, region_name: str | None) -> None:
            self.region_name = region_name
            regions.append(region_name)

        def client(self, service: str, **_: object) -> CloudFormation:
            assert service == "cloudformation"
            return CloudFormation()

    monkeypatch.setattr(boto3, "Session", Session)
    return regions


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_it_runs_from_anywhere_and_says_its_version(tmp_path: Path) -> None:
    link = tmp_path / "trackgate"
    link.symlink_to(ROOT / "bin" / "trackgate")

    done = subprocess.run([link, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout == f"trackgate {__version__}\n"


def test_a_stack_is_what_its_outputs_and_parameters_say(aws: list[str | None]) -> None:
    stack = Stack.open("mine", region="eu-central-1")

    assert aws == ["eu-central-1"]
    assert stack.systems == ["pushexpress"]
    assert (stack.queue("pushexpress"), stack.dead_letters("pushexpress")) == ("QueueUrl", "DeadLettersUrl")
    assert stack.records("pushexpress") == "RecordsName"
    assert stack.parameter("pushexpress", "Url") == "https://example.com"
    assert not stack.has_secret("pushexpress")
    with pytest.raises(Trouble, match="pushexpress has no secret"):
        stack.secret("pushexpress")


def test_a_stack_that_is_not_there_is_told(aws: list[str | None]) -> None:
    done = run("keys", "list", "--stack", "other", "--region", "eu-west-1")

    assert done.exit_code == 1
    assert "No stack other in eu-west-1: say which with --stack and --region" in done.output
    assert aws == ["eu-west-1"]


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_local_run_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PORT", "9")

    done = run("deadletters", "list", "--local")

    assert done.exit_code == 1
    assert "Nothing answers at http://127.0.0.1:9" in done.output
    assert "make local" in done.output


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("15m", 900), ("2h", 7200), ("30d", 2592000)])
def test_a_duration_is_a_number_and_a_unit(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["2", "h", "-2h", "1.5h", "2w", "2h\n", "٣h"])
def test_other_durations_are_refused(text: str) -> None:
    done = run("deadletters", "list", "--older", text)

    assert done.exit_code == 2
    assert "90s, 15m, 2h, 30d" in done.output


@pytest.mark.parametrize(("length", "expected"), [(0, "0 s"), (89, "89 s"), (90, "2 m"), (36 * 3600, "2 d")])
def test_a_duration_is_said_in_the_unit_that_it_fills(length: float, expected: str) -> None:
    assert spoken(length) == expected
