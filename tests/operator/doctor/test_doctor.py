"""The command against a stack on AWS: a healthy one has no finding, each thing that is wrong is named."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator

import boto3
import pytest
from typer.testing import CliRunner, Result

from tests.operator.doctor.aws import ACCOUNT, MAPPING, TOPIC, Aws, Refusal, healthy
from tests.operator.doctor.aws_edge import aws_edge
from tests.operator.doctor.wrong import NO_KEYS, SOON, WRONG, alarms, secret, stack
from tools.errors import CommandError
from tools.masks import MASK
from tools.operator import output
from tools.operator.app import app
from tools.operator.client_keys.entries import NewKey
from tools.operator.doctor.api_client import Answer
from tools.operator.doctor.checks import CHECKS
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.edge.differences import DIFFERENCES
from tools.operator.doctor.resources.secrets import credential
from tools.operator.stack import Stack
from tools.places import ROOT

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

type Run = Callable[..., tuple[Result, dict[str, dict[str, str]]]]

SETTINGS = ("AWS_PORT", "HOST", "PORT", "STATE", "TLS", "TRACKGATE_CLIENT_KEY", "TRACKGATE_STACK")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """The account, in which nothing is wrong."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    # The others are asked in test_differences.py; one of them sends ten megabytes.
    monkeypatch.setattr("tools.operator.doctor.edge.checks.DIFFERENCES", DIFFERENCES[:1])
    with aws_edge() as (url, _):
        account = Aws(healthy(url))
        monkeypatch.setattr(boto3, "Session", lambda **_: account)
        yield account


@pytest.fixture
def run(aws: Aws) -> Run:
    """The command; its rows by what they are about."""

    def run(*arguments: str, code: int = 0) -> tuple[Result, dict[str, dict[str, str]]]:
        done = CliRunner().invoke(app, ["doctor", "--json", *arguments])
        assert done.exit_code == code, (done.output, done.exception)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return done, {row["what"]: row for row in rows}

    return run


def test_a_healthy_stack_has_no_finding(run: Run) -> None:
    done, rows = run("--strict")

    assert {row["level"] for row in rows.values()} == {"ok"}, rows
    assert {"stack trackgate", "Lambda concurrency", "track dead letters", "topic oncall"} <= rows.keys()
    assert f"{len(rows)} ok" in done.stderr


def test_the_table_says_what_was_expected_what_was_seen_and_what_to_do(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.out, "width", 400)
    aws.answers["GetEventSourceMapping"] = {"UUID": MAPPING, "State": "Disabled"}

    done = CliRunner().invoke(app, ["doctor"])

    assert done.exit_code == 1
    header, *lines = done.stdout.splitlines()
    assert re.split(r"\s{2,}", header.strip()) == ["what", "expected", "seen", "what to do"]
    (line,) = [line for line in lines if "track event source" in line and "mytracker" not in line]
    assert re.split(r"\s{2,}", line.strip()) == [
        "finding",
        "track event source",
        "Enabled",
        "Disabled, no result yet",
        "events wait in the queue: bin/trackgate resume --system track --stack trackgate",
    ]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_what_to_do(name: str, aws: Aws, run: Run) -> None:
    change, what, level, seen, do = WRONG[name]
    change(aws.answers)

    _, rows = run(code=0 if level == "warning" else 1)

    row = rows[what]
    assert row["level"] == level
    assert seen in row["seen"]
    assert do in row["do"]
    # What one check finds, or cannot ask, keeps no other from asking.
    assert "track dead letters" in rows
    assert "slash: a trailing slash" in rows


@pytest.mark.parametrize(
    ("accounts", "only_for", "own_account", "level", "do"),
    [
        (["*"], "", True, "ok", ""),
        (["a"], "", False, "ok", ""),
        (["a"], "", True, "finding", "nothing for the stack's own account is delivered"),
        (["a"], "ping", True, "warning", "ping is not delivered"),
        ([], "ping", False, "warning", "ping is not delivered"),
        ([], "", False, "finding", "nothing is delivered"),
    ],
)
def test_a_credential_is_missing_where_something_needs_it(
    accounts: list[str], only_for: str, own_account: bool, level: str, do: str
) -> None:
    document = {"credentials": dict.fromkeys(accounts, "c") | {"empty": ""}}

    row = credential("acme", document, only_for=only_for, own_account=own_account)

    assert (row.level, do in row.do) == (level, True)


def test_a_topic_of_another_account_is_not_asked(aws: Aws, run: Run) -> None:
    elsewhere = TOPIC.replace(ACCOUNT, "210987654321")
    aws.answers["GetTopicAttributes"] = Refusal("AuthorizationError", "not authorized", 403)
    found = aws.answers["DescribeAlarms"]
    assert isinstance(found, dict)
    found["MetricAlarms"] = [each | {"AlarmActions": [elsewhere]} for each in found["MetricAlarms"]]

    _, rows = run()

    assert rows[f"topic {elsewhere}"]["level"] == "not asked"


@pytest.mark.parametrize(
    ("local", "environment", "expected"),
    [
        (True, {}, "http://127.0.0.1:3000"),
        (True, {"PORT": "8080", "HOST": "0.0.0.0"}, "http://127.0.0.1:8080"),  # noqa: S104
        (True, {"HOST": "::1", "TLS": "1"}, "https://[::1]:3000"),
        (False, {"PORT": "8080"}, "https://api.example.com"),
    ],
)
def test_where_the_api_is(local: bool, environment: dict[str, str], expected: str) -> None:
    outputs = {"BaseUrl": "https://api.example.com"}
    stack = Stack(name="s", client=lambda service: None, outputs=outputs, local=local)

    deployment = Deployment.of(stack, None, environment)

    assert deployment.api.url == expected
    assert (
        Deployment.of(stack, "https://other.example.com/", environment).api.url == "https://other.example.com"
    )
    assert deployment.key == ("local-client-key" if local else "")
    assert Deployment.of(stack, None, environment | {"TRACKGATE_CLIENT_KEY": "tg_1"}).key == "tg_1"


def test_a_stack_that_says_no_address_needs_one() -> None:
    stack = Stack(name="s", client=lambda service: None, outputs={})

    with pytest.raises(CommandError, match="--url"):
        Deployment.of(stack, None, {})


def test_a_warning_fails_only_the_strict(aws: Aws, run: Run) -> None:
    alarms(AlarmActions=[])(aws.answers)

    run(code=0)
    run("--strict", code=1)


def test_report_counts_callers_that_would_be_refused_and_only_warns(aws: Aws, run: Run) -> None:
    stack(Parameters={"MyTrackerClientKeys": "report"})(aws.answers)
    secret(NO_KEYS)(aws.answers)

    _, rows = run()

    assert rows["mytracker client keys"]["level"] == "warning"


def test_a_key_that_ends_soon_is_told(aws: Aws, run: Run) -> None:
    secret(SOON % (time.time() + 3 * 86_400))(aws.answers)

    _, rows = run()

    assert (rows["mytracker client keys"]["level"], rows["mytracker client keys"]["seen"]) == (
        "warning",
        "ios expires in 3 d",
    )


def test_what_there_was_no_time_for_is_not_taken_for_well(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.operator.doctor.deployment.SECONDS", -1)

    _, rows = run(code=1)

    assert rows.keys() == CHECKS.keys()
    assert {row["level"] for row in rows.values()} == {"cannot tell"}


def test_another_address_of_the_api_can_be_given(run: Run) -> None:
    _, rows = run("--url", "http://127.0.0.1:9", code=1)

    assert rows["POST /v1/track/item"]["level"] == "finding"


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        (
            "ValidationError",
            "Stack with id trackgate does not exist",
            "There is no stack trackgate in eu-central-1",
        ),
        ("ExpiredToken", "The security token included in the request is expired", "sign in again"),
        ("InvalidClientTokenId", "The security token is invalid", "sign in again"),
        (
            "AccessDenied",
            "User: u is not authorized to perform: cloudformation:DescribeStacks on resource: x",
            "do not allow cloudformation:DescribeStacks",
        ),
    ],
)
def test_what_keeps_it_from_running_is_one_sentence(code: str, message: str, said: str, aws: Aws) -> None:
    aws.answers["DescribeStacks"] = Refusal(code, message)

    done = CliRunner().invoke(app, ["doctor"])

    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert said in line


SECTION = (ROOT / "docs" / "operations.md").read_text().partition("## Does this deployment work?")[2]
SAID = SECTION.partition("Rights on AWS, all read-only:")[2].partition("\n\n")[0]


def test_the_documented_rights_are_those_that_are_used(aws: Aws, run: Run) -> None:
    run()

    used = {
        "apigateway:GET" if service == "apigateway" else f"{service}:{name}" for service, name in aws.called
    }
    assert used == set(re.findall(r"`([a-z]+:[A-Za-z]+)`", SAID))


def test_a_client_key_that_another_server_quotes_is_not_shown() -> None:
    key = NewKey().text
    quoted = f'{"".ljust(30)}{{"X-Api-Key": "{key}"}}'.encode()

    assert Answer(status=200, body=quoted).summary == f'200 {{"X-Api-Key": "{MASK}"}}'
