"""The command against a stack on AWS: a healthy one has no finding, each thing that is wrong is named."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from tests.operator.doctor.aws import ACCOUNT, MAPPING, TOPIC, Answer, Aws, Refusal, alarm, healthy
from tests.operator.doctor.aws_edge import aws_edge
from tools.local.places import ROOT
from tools.operator import screen
from tools.operator.app import app
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.differences import DIFFERENCES
from tools.operator.doctor.examine import CHECKS
from tools.operator.doctor.secrets import credential
from tools.operator.stack import Stack
from tools.operator.trouble import Trouble

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

type Run = Callable[..., tuple[Result, dict[str, dict[str, str]]]]
type Change = Callable[[dict[str, Any]], None]

SETTINGS = ("AWS_PORT", "HOST", "PORT", "STATE", "TLS", "TRACKGATE_CLIENT_KEY", "TRACKGATE_STACK")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """The account, in which nothing is wrong."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    # The others are asked in test_differences.py; one of them sends ten megabytes.
    monkeypatch.setattr("tools.operator.doctor.edge.DIFFERENCES", DIFFERENCES[:1])
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
    monkeypatch.setattr(screen.out, "width", 400)
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
        f"events wait in the queue: aws lambda update-event-source-mapping --uuid {MAPPING} --enabled",
    ]


def stack(**changed: Any) -> Change:
    """The stack's description, changed; parameters and outputs by name."""

    def change(answers: dict[str, Any]) -> None:
        (found,) = answers["DescribeStacks"]["Stacks"]
        found["StackStatus"] = changed.get("status", found["StackStatus"])
        for kind, key in (("Parameters", "Parameter"), ("Outputs", "Output")):
            for name, value in changed.get(kind, {}).items():
                found[kind] = [each for each in found[kind] if each[f"{key}Key"] != name]
                if value is not None:
                    found[kind].append({f"{key}Key": name, f"{key}Value": value})

    return change


def answer(operation: str, answer: Answer) -> Change:
    return lambda answers: answers.update({operation: answer})


def secret(text: str) -> Change:
    return answer("GetSecretValue", {"SecretString": text, "VersionId": "v" * 32})


def waiting(visible: int, held: int = 0) -> Change:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    attributes = dict(zip(names, (str(visible), str(held)), strict=True))
    return answer("GetQueueAttributes", {"Attributes": attributes})


def functions(**changed: Any) -> Change:
    return lambda answers: answers["GetFunctionConfiguration"].update(changed)


def both(first: Change, second: Change) -> Change:
    def change(answers: dict[str, Any]) -> None:
        first(answers)
        second(answers)

    return change


def concurrency(total: int) -> Change:
    limit = {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": total}
    return answer("GetAccountSettings", {"AccountLimit": limit})


def alarms(**changed: Any) -> Change:
    def change(answers: dict[str, Any]) -> None:
        found = answers["DescribeAlarms"]["MetricAlarms"]
        found[0] = alarm(found[0]["AlarmName"], **changed)

    return change


DENIED = Refusal(
    "AccessDeniedException",
    "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: lambda:GetAccountSettings on "
    "resource: * because no identity-based policy allows the lambda:GetAccountSettings action",
)
OLD = {"Variables": {"TRACKGATE_VERSION": "0.0.9"}}
UNCONFIRMED = {"SubscriptionsConfirmed": "0", "SubscriptionsPending": "1"}
NO_KEYS = '{"credentials": {"*": "c"}, "client_keys": []}'
OVER = '{"credentials": {"*": "c"}, "client_keys": [{"id": "k", "expires": 1000}]}'
SOON = '{"credentials": {"*": "c"}, "client_keys": [{"id": "k", "name": "ios", "expires": %d}]}'

WRONG: dict[str, tuple[Change, str, str, str, str]] = {
    "the last deployment failed": (
        stack(status="UPDATE_ROLLBACK_FAILED"),
        "stack trackgate",
        "finding",
        "UPDATE_ROLLBACK_FAILED",
        "events",
    ),
    "the last deployment was undone": (
        stack(status="UPDATE_ROLLBACK_COMPLETE"),
        "stack trackgate",
        "warning",
        "UPDATE_ROLLBACK_COMPLETE",
        "deploy again",
    ),
    "a deployment is under way": (
        stack(status="UPDATE_IN_PROGRESS"),
        "stack trackgate",
        "finding",
        "UPDATE_IN_PROGRESS",
        "wait",
    ),
    "another release": (
        both(stack(Outputs={"Version": "0.0.9"}), functions(Environment=OLD)),
        "release",
        "warning",
        "0.0.9",
        "deploy this checkout",
    ),
    "a function of another release": (
        functions(Environment=OLD),
        "functions' release",
        "finding",
        "TrackRedeliver 0.0.9",
        "deploy again",
    ),
    "a function that failed": (
        functions(State="Failed", StateReason="the image is gone"),
        "function TrackRedeliver",
        "finding",
        "Failed: the image is gone",
        "deploy again",
    ),
    "a function that slept": (
        functions(State="Inactive"),
        "function TrackRedeliver",
        "warning",
        "Inactive",
        "first call",
    ),
    "a function's update failed": (
        functions(LastUpdateStatus="Failed", LastUpdateStatusReason="no subnet"),
        "function TrackRedeliver",
        "finding",
        "update Failed: no subnet",
        "deploy again",
    ),
    "no log group": (
        answer("DescribeLogGroups", {"logGroups": []}),
        "log group",
        "finding",
        "absent",
        "deploy",
    ),
    "logs kept for ever": (
        answer("DescribeLogGroups", {"logGroups": [{"logGroupName": "logs"}]}),
        "log group",
        "warning",
        "for ever",
        "LogRetentionDays",
    ),
    "a fresh account": (
        concurrency(10),
        "Lambda concurrency",
        "finding",
        "10, 10 unreserved",
        "DeliveryConcurrency",
    ),
    "a small account": (concurrency(110), "Lambda concurrency", "warning", "10 calls a second", "L-B99A9384"),
    "a busy account": (
        answer("GetMetricStatistics", {"Datapoints": [{"Timestamp": "2026-01-01", "Maximum": 900.0}]}),
        "Lambda concurrency, last day",
        "warning",
        "900 at once",
        "ask for more",
    ),
    "an account that throttles first": (
        stack(Parameters={"ThrottleRate": "20000"}),
        "API Gateway throttling",
        "warning",
        "10000",
        "lower",
    ),
    "no role for access logs": (
        answer("GetAccount", {"throttleSettings": {"rateLimit": 10000.0, "burstLimit": 5000}}),
        "access logs",
        "finding",
        "none",
        "ApiGatewayLogs=create",
    ),
    "an event source that is off": (
        answer("GetEventSourceMapping", {"UUID": MAPPING, "State": "Disabled"}),
        "track event source",
        "finding",
        "Disabled",
        f"--uuid {MAPPING}",
    ),
    "an event source that fails": (
        answer(
            "GetEventSourceMapping",
            {"UUID": MAPPING, "State": "Enabled", "LastProcessingResult": "PROBLEM: Lambda internal error"},
        ),
        "track event source",
        "finding",
        "PROBLEM",
        "log group",
    ),
    "dead letters": (waiting(2), "track dead letters", "finding", "2", "deadletters list --system track"),
    "dead letters that are held": (waiting(0, 3), "track dead letters", "finding", "3 of them held", "list"),
    "an old message": (
        answer("GetMetricStatistics", {"Datapoints": [{"Timestamp": "2026-01-01", "Maximum": 7300.0}]}),
        "track oldest event",
        "finding",
        "2 h",
        "event source",
    ),
    "an alarm that rings": (
        alarms(StateValue="ALARM", AlarmDescription="Events were given up."),
        "alarm MyTrackerDeadLettersAlarm",
        "finding",
        "ALARM",
        "Events were given up.",
    ),
    "an alarm that was deleted": (
        answer("DescribeAlarms", {"MetricAlarms": []}),
        "alarms",
        "finding",
        "no MyTracker",
        "deploy again",
    ),
    "an alarm whose actions are off": (
        alarms(ActionsEnabled=False),
        "alarms' actions",
        "finding",
        "MyTrackerDeadLetters",
        "enable-alarm",
    ),
    "an alarm without a topic": (
        alarms(AlarmActions=[]),
        "alarms' topic",
        "warning",
        "none of MyTrackerDead",
        "AlarmTopicArn",
    ),
    "a topic that nobody reads": (
        answer(
            "GetTopicAttributes", {"Attributes": {"SubscriptionsConfirmed": "0", "SubscriptionsPending": "1"}}
        ),
        "topic oncall",
        "finding",
        "1 pending",
        TOPIC,
    ),
    "a topic that is gone": (
        answer("GetTopicAttributes", Refusal("NotFound", "Topic does not exist", 404)),
        "topic oncall",
        "finding",
        "absent",
        "AlarmTopicArn",
    ),
    "an empty secret": (
        secret('{"credentials": {}, "client_keys": []}'),
        "mytracker credential",
        "finding",
        "none",
        "secrets set --system mytracker",
    ),
    "no client key": (secret(NO_KEYS), "mytracker client keys", "finding", "none", "keys create"),
    "client keys that are over": (secret(OVER), "mytracker client keys", "finding", "1 over", "keys create"),
    "a secret that nobody can read": (secret("x"), "secrets", "cannot tell", "not a JSON object", "stack"),
    "a missing right": (
        answer("GetAccountSettings", DENIED),
        "quotas",
        "cannot tell",
        "may not call",
        "lambda:GetAccountSettings",
    ),
}


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


def test_onesignals_players_calls_need_no_credential() -> None:
    row = credential("onesignal", {"credentials": {}}, needed=True)

    assert row.level == "warning"
    assert "track-open" in row.do


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

    assert deployment.door.url == expected
    assert (
        Deployment.of(stack, "https://other.example.com/", environment).door.url
        == "https://other.example.com"
    )
    assert deployment.key == ("local-client-key" if local else "")
    assert Deployment.of(stack, None, environment | {"TRACKGATE_CLIENT_KEY": "tg_1"}).key == "tg_1"


def test_a_stack_that_says_no_address_needs_one() -> None:
    stack = Stack(name="s", client=lambda service: None, outputs={})

    with pytest.raises(Trouble, match="--url"):
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
        "ios ends in 3 d",
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
        ("ValidationError", "Stack with id trackgate does not exist", "No stack trackgate in eu-central-1"),
        ("ExpiredToken", "The security token included in the request is expired", "sign in again"),
        ("InvalidClientTokenId", "The security token is invalid", "sign in again"),
        (
            "AccessDenied",
            "User: u is not authorized to perform: cloudformation:DescribeStacks on resource: x",
            "may not call cloudformation:DescribeStacks",
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
SAID = SECTION.partition("Rights on AWS, all of them to read:")[2].partition("\n\n")[0]


def test_the_documented_rights_are_those_that_are_used(aws: Aws, run: Run) -> None:
    run()

    used = {
        "apigateway:GET" if service == "apigateway" else f"{service}:{name}" for service, name in aws.called
    }
    assert used == set(re.findall(r"`([a-z]+:[A-Za-z]+)`", SAID))
