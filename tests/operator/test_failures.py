"""Every command, and every way in which AWS or the network can fail: no traceback, but a next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import click
import pytest
from botocore import exceptions as botocore  # type: ignore[import-untyped]
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]
from typer.main import get_command
from typer.testing import CliRunner, Result

from tools.failures.aws import explained as said
from tools.operator.__main__ import main
from tools.operator.app import app
from tools.operator.stack import Stack
from tools.systems.registry import names, profile

AT = "https://cloudformation.eu-central-1.amazonaws.com/"
SYSTEM = names()[0]
PREFIX = profile(SYSTEM).prefix
SAMPLES = {"system": SYSTEM, "user": "7", "allow": "*", "event_id": "01M7XW7VRZX0B36KC0KMPQDNGM"}
"""A value per required parameter; others get a word."""


def refused(code: str, message: str = "m", operation: str = "DescribeStacks") -> botocore.ClientError:
    return botocore.ClientError({"Error": {"Code": code, "Message": message}}, operation)


def denied(right: str, why: str) -> botocore.ClientError:
    return refused("AccessDenied", f"User: arn:aws:iam::1:user/a is not authorized to perform: {right} {why}")


FAILURES: dict[str, tuple[Exception, str]] = {
    "no region": (botocore.NoRegionError(), "set it with --region, AWS_REGION"),
    "odd region": (botocore.InvalidRegionError(region_name="eu central"), "such as eu-central-1"),
    "misspelt region": (
        botocore.EndpointConnectionError(endpoint_url=AT.replace("central", "centrl")),
        "eu-centrl-1 is not a region that boto3 knows: did you mean eu-central-1?",
    ),
    "no such profile": (botocore.ProfileNotFound(profile="x"), "`aws configure list-profiles`"),
    "no credentials": (botocore.NoCredentialsError(), "set AWS_PROFILE, or sign in"),
    "half of them": (botocore.PartialCredentialsError(provider="env", cred_var="k"), "set AWS_PROFILE"),
    "role not assumed": (botocore.CredentialRetrievalError(provider="p", error_msg="m"), "set AWS_PROFILE"),
    "config file": (botocore.ConfigParseError(path="~/.aws/config"), "correct ~/.aws/config"),
    "signed out": (botocore.UnauthorizedSSOTokenError(), "`aws sso login`"),
    "expired token": (refused("ExpiredToken"), "sign in again"),
    "unknown key": (refused("InvalidClientTokenId"), "sign in again"),
    "clock": (refused("RequestTimeTooSkewed"), "set the correct time"),
    "denied": (
        denied("cloudformation:DescribeStacks", "because no identity-based policy allows it"),
        "add the statement Stack of docs/operator-policy.json",
    ),
    "denied without saying what": (
        refused("AccessDenied"),
        "add the statement Stack of docs/operator-policy",
    ),
    "denied from above": (
        denied("sqs:SendMessage", "with an explicit deny in a service control policy"),
        "which the service control policy forbids: ask whoever manages the AWS account",
    ),
    "throttled": (refused("Throttling"), "wait a minute, and run this again"),
    "AWS is down": (refused("InternalFailure"), "run this again"),
    "gone": (refused("ResourceNotFoundException"), "`bin/trackgate doctor` checks"),
    "something else": (refused("TeapotException"), "`bin/trackgate doctor` checks"),
    "connection refused": (
        botocore.EndpointConnectionError(endpoint_url=AT),
        "check the network, and the region",
    ),
    "timeout": (botocore.ReadTimeoutError(endpoint_url=AT), "check the network, and run this again"),
    "broken off": (botocore.ConnectionClosedError(endpoint_url=AT), "check the network, and run this again"),
    "proxy": (botocore.ProxyConnectionError(proxy_url="http://p:1"), "correct HTTPS_PROXY"),
    "TLS": (botocore.SSLError(endpoint_url=AT, error="self-signed certificate"), "AWS_CA_BUNDLE"),
    "not AWS": (ResponseParserError("<html>"), "is a proxy or another program listening"),
    "unforeseen": (
        botocore.UnknownServiceError(service_name="a", known_service_names="b"),
        "get-caller-identity",
    ),
}


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name), command


def line(words: tuple[str, ...], command: click.Command) -> list[str]:
    """The shortest command line that asks a stack for something."""
    given = list(words)
    options = {option for parameter in command.params for option in parameter.opts}
    for parameter in command.params:
        if parameter.required:
            value = SAMPLES.get(str(parameter.name), "x")
            given += [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]
    given += [option for option in ("--yes",) if option in options]
    return [*given, "--stack", "trackgate"]


LINES = {
    " ".join(words): line(words, command)
    for words, command in commands(get_command(app))  # type: ignore[arg-type]
    if any("--stack" in parameter.opts for parameter in command.params)
}


def run(*arguments: str, text: str | None = None) -> Result:
    done = CliRunner().invoke(app, list(arguments), input=text)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


class Failing:
    """A boto3 client none of whose calls gets an answer."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, operation: str) -> Any:
        raise self._error


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Every call to AWS fails."""

    def fail(error: Exception) -> None:
        def client(*_: object, **__: object) -> Failing:
            return Failing(error)

        monkeypatch.setattr(boto3.Session, "client", client)

    return fail


@pytest.mark.parametrize("failure", FAILURES)
def test_a_command_whose_stack_cannot_be_read(failure: str, failing: Callable[[Exception], None]) -> None:
    error, step = FAILURES[failure]
    failing(error)

    # Each failure with a third of the commands, each command with a third of the failures: what words them
    # is the same for all.
    for name in list(LINES)[list(FAILURES).index(failure) % 3 :: 3]:
        done = run(*LINES[name])

        assert done.exit_code in (1, 2), name
        assert step in done.output, name
        assert len(done.output.splitlines()) == 1, name


LATER = {name: FAILURES[name] for name in ("denied without saying what", "throttled", "broken off", "gone")}


GOES_ON = {"doctor", "cost"}
"""The doctor's other checks, as tests/operator/doctor shows; a bill, which needs parameters alone."""


@pytest.mark.parametrize("failure", LATER)
def test_a_command_whose_stack_is_found_and_then_nothing_else(
    failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, _ = FAILURES[failure]
    outputs = {f"{PREFIX}{name}": name for name in ("QueueUrl", "DeadLettersUrl", "RecordsName", "SecretArn")}
    outputs["FunctionLogGroup"] = "logs"

    outputs["FunctionLogGroup"] = "trackgate-functions"

    def client(service: str) -> Any:
        return Failing(error)

    stack = Stack(name="trackgate", client=client, outputs=outputs)
    monkeypatch.setattr(Stack, "open", classmethod(lambda *_, **__: stack))

    for name in LINES.keys() - GOES_ON:
        done = run(*LINES[name])

        assert done.exit_code != 0, name
        assert said(error) in done.output, name


def test_a_question_that_nobody_answers_names_the_way_without(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(name="trackgate", client=lambda _: None, outputs={f"{PREFIX}QueueUrl": "u"})
    monkeypatch.setattr(Stack, "open", classmethod(lambda *_, **__: stack))

    done = run("forget", "--system", SYSTEM, "--user", "7", text="")

    assert done.exit_code == 1
    assert "There is no terminal to ask on: add --yes, or run this in one" in done.output


def test_a_no_is_no_missing_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(name="trackgate", client=lambda _: None, outputs={f"{PREFIX}QueueUrl": "u"})
    monkeypatch.setattr(Stack, "open", classmethod(lambda *_, **__: stack))

    done = run("forget", "--system", SYSTEM, "--user", "7", text="n\n")

    assert (done.exit_code, "no terminal to ask on" in done.output) == (1, False)


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.operator.app.app", interrupted)

    assert main() == 130


def test_ctrl_c_in_a_command_says_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Stack:
        raise KeyboardInterrupt

    monkeypatch.setattr(Stack, "open", classmethod(interrupted))

    done = run("keys", "list")

    assert done.exit_code == 130
    assert done.output == "Interrupted: what was done stays done; `bin/trackgate doctor` shows the state\n"


def test_a_stack_that_a_stage_deploys_elsewhere_is_told_where(failing: Callable[[Exception], None]) -> None:
    failing(refused("ValidationError"))

    done = run("keys", "list", "--stack", "trackgate-staging", "--region", "eu-west-1")

    assert done.output == (
        "There is no stack trackgate-staging in eu-west-1: stages/staging.toml names it in eu-central-1, so "
        "add --region eu-central-1, or deploy it with `make deploy STAGE=staging`\n"
    )


def test_a_stack_that_no_stage_names_is_told_which_there_are(failing: Callable[[Exception], None]) -> None:
    failing(refused("ValidationError"))

    done = run("keys", "list", "--stack", "other", "--region", "eu-west-1")

    assert "There is no stack other in eu-west-1: set --stack and --region, such as --stack " in done.output
    assert "--stack trackgate-staging --region eu-central-1" in done.output
