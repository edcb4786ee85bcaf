"""`trackgate status`: what each system holds, queues and has given up, and what of it hurts."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from gateway.delivery.hold import Hold
from tests.operator.doctor.aws import MAPPING, NOW, Answer, Aws, Refusal
from tools.operator.app import app
from tools.operator.backlog import Backlog
from tools.operator.status.pains import pains
from tools.operator.status.system_status import SystemStatus
from tools.systems.profile import Rate

SYSTEMS = {"onesignal": "OneSignal", "track": "Track"}
IOS, ANDROID = "0c1a4b5d-3289-4651-ad15-3b995718badd", "1c1a4b5d-3289-4651-ad15-3b995718badd"
USERS = {"OneSignalModel": "users", "OneSignalLookupsPerSecond": "1"}
OWN = {"OneSignalAppId": "own-app"}

HELD, OVER = Hold(since=0, until=2000), Hold(since=0, until=999)
"""At 1000."""

type Run = Callable[..., Result]


def stack(parameters: Mapping[str, str] = OWN) -> dict[str, Any]:
    """DescribeStacks' answer."""
    outputs = {"Version": "0.2.0"}
    for name in SYSTEMS.values():
        outputs |= {
            f"{name}QueueUrl": f"https://sqs.eu-central-1.amazonaws.com/123456789012/trackgate-{name}Queue",
            f"{name}DeadLettersUrl": f"https://sqs.eu-central-1.amazonaws.com/123456789012/trackgate-{name}Dead",
            f"{name}SecretArn": f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}Secret-1A2B",
            f"{name}RecordsName": f"trackgate-{name}Records",
        }
    found = {
        "StackName": "trackgate",
        "CreationTime": NOW,
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    }
    return {"Stacks": [found]}


def counts(**by_queue: tuple[int, int, int]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Each queue's visible, delayed and invisible messages, by the end of its name; 0 of the others."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        url = json.loads(asked["body"])["QueueUrl"]
        visible, delayed, hidden = next(
            (found for name, found in by_queue.items() if url.endswith(name)), (0, 0, 0)
        )
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(visible),
                "ApproximateNumberOfMessagesDelayed": str(delayed),
                "ApproximateNumberOfMessagesNotVisible": str(hidden),
            }
        }

    return answer


def secret(**document: Any) -> dict[str, Any]:
    """GetSecretValue's answer."""
    return {"SecretString": json.dumps(document), "VersionId": "v" * 32}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """An account in which nothing hurts."""
    monkeypatch.delenv("TRACKGATE_STACK", raising=False)
    mappings = [
        {
            "LogicalResourceId": f"{name}RedeliverSource",
            "PhysicalResourceId": MAPPING,
            "ResourceType": "AWS::Lambda::EventSourceMapping",
            "LastUpdatedTimestamp": NOW,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for name in SYSTEMS.values()
    ]
    answers: dict[str, Answer] = {
        "DescribeStacks": stack(),
        "ListStackResources": {"StackResourceSummaries": mappings},
        "GetEventSourceMapping": {"UUID": MAPPING, "State": "Enabled"},
        "GetQueueAttributes": counts(),
        "GetItem": {},
        "GetSecretValue": secret(credentials={"*": "c"}),
    }
    account = Aws(answers)
    monkeypatch.setattr(boto3, "Session", lambda **_: account)
    return account


@pytest.fixture
def run(aws: Aws) -> Run:
    """The command, which must end well."""
    del aws

    def run(*arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, ["status", *arguments])
        assert done.exit_code == code, (done.output, done.exception)
        return done

    return run


def rows(done: Result) -> dict[str, Any]:
    """The rows of `--json` by their systems."""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["system"]: row for row in found}


def test_a_row_per_system_says_what_it_queues_and_has_given_up(aws: Aws, run: Run) -> None:
    aws.answers["GetQueueAttributes"] = counts(OneSignalQueue=(3, 2, 7), TrackDead=(1, 0, 1))

    header, *lines = run().stdout.splitlines()

    cells = [re.split(r"\s{2,}", line.strip()) for line in lines]
    names = ["system", "held", "event source", "waiting", "in flight", "dead letters", "what hurts"]
    assert re.split(r"\s{2,}", header.strip()) == names
    assert cells == [
        ["onesignal", "no", "Enabled", "5", "7", "0"],
        [
            *("track", "no", "Enabled", "0", "0", "2"),
            "2 undelivered: trackgate deadletters list --system track --stack trackgate",
        ],
    ]


def test_json_has_the_same_and_more(aws: Aws, run: Run) -> None:
    aws.answers["GetQueueAttributes"] = counts(OneSignalQueue=(100, 0, 20))
    aws.answers["DescribeStacks"] = stack(OWN | USERS)
    now = time.time()
    aws.answers["GetItem"] = {
        "Item": {"since": {"N": f"{now - 60:.0f}"}, "until": {"N": f"{now + 3600:.0f}"}}
    }

    found = rows(run("--json"))

    assert list(found) == ["onesignal", "track"]
    row = found["onesignal"]
    assert datetime.fromisoformat(row.pop("held_since")).timestamp() == pytest.approx(now - 60, abs=1)
    assert datetime.fromisoformat(row.pop("held_until")).tzinfo == UTC
    (hurts,) = row.pop("hurts")
    assert hurts.startswith("nothing is delivered for another ")
    assert row == {
        "system": "onesignal",
        "hold": "held",
        "event_source": "Enabled",
        "waiting": 100,
        "in_flight": 20,
        "dead_letters": 0,
        "rate": {
            "what": "new players",
            "per_second": 1.0,
            "accounts": ["own-app"],
            "per_day": 86_400,
            "longest_wait": 120,
        },
    }
    assert found["track"]["rate"] is None


@pytest.mark.parametrize(
    ("parameters", "apps", "expected"),
    [
        (OWN | USERS, {}, ["own-app"]),
        (OWN | USERS, {IOS: {}, ANDROID: {"model": "players"}}, ["own-app", IOS]),
        (OWN | USERS | {"OneSignalModel": "players"}, {IOS: {"model": "users"}, ANDROID: {}}, [IOS]),
        (OWN | USERS | {"OneSignalModel": "players"}, {}, None),
        # 0.2.0 knows neither the parameters nor the model of an app.
        (OWN, {IOS: {"model": "users"}}, None),
        # Its functions refuse it; the doctor says so.
        (OWN | USERS | {"OneSignalModel": "players"}, {IOS: {"model": "both"}}, None),
    ],
)
def test_apps_of_the_user_model_have_a_rate(
    aws: Aws, run: Run, parameters: dict[str, str], apps: dict[str, Any], expected: list[str] | None
) -> None:
    aws.answers["DescribeStacks"] = stack(parameters)
    aws.answers["GetSecretValue"] = secret(credentials={"*": "c", **dict.fromkeys(apps, "c")}, accounts=apps)

    rate = rows(run("--json"))["onesignal"]["rate"]

    assert (rate and rate["accounts"]) == expected


def test_the_rate_says_what_a_first_day_takes(aws: Aws, run: Run) -> None:
    aws.answers["DescribeStacks"] = stack(OWN | USERS | {"OneSignalLookupsPerSecond": "0.5"})

    quiet = run().stderr
    aws.answers["GetQueueAttributes"] = counts(OneSignalQueue=(0, 0, 3600))
    busy = run().stderr

    assert quiet.strip() == "OneSignal: 0.5 new players per second, 43,200 on a first day."
    assert busy.strip().endswith("on a first day. 3,600 queued events wait up to 2 h for that.")


def test_what_cannot_be_read_of_one_system_is_said_in_its_row(aws: Aws, run: Run) -> None:
    aws.answers["GetItem"] = {"Item": {"since": {"S": "yesterday"}}}
    aws.answers["GetSecretValue"] = {"SecretString": "[]", "VersionId": "v" * 32}
    aws.answers["DescribeStacks"] = stack(OWN | USERS)

    hurts = rows(run("--json"))["onesignal"]["hurts"]

    assert len(hurts) == 2
    assert "hold" in hurts[0]
    assert "is not a JSON object" in hurts[1]


def test_a_missing_right_is_named(aws: Aws, run: Run) -> None:
    aws.answers["GetItem"] = Refusal("AccessDeniedException", "not authorized to perform: dynamodb:GetItem")

    assert "do not allow dynamodb:GetItem" in run(code=1).output


def system_status(**given: Any) -> SystemStatus:
    usual = {"hold": None, "source": "Enabled", "queued": Backlog(waiting=0, in_flight=0), "dead_letters": 0}
    return SystemStatus(system="trax", **{**usual, **given})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"queued": Backlog(waiting=1_000_000, in_flight=9)}, []),
        ({"source": "Disabled"}, ["queued events wait, although nobody holds them"]),
        (
            {"hold": HELD, "source": "Disabled"},
            ["nothing is delivered for another 17 m"],
        ),
        (
            {"hold": OVER, "source": "Disabled"},
            ["the hold is over, but nobody has resumed"],
        ),
        ({"hold": OVER}, ["the hold is over, but nobody has resumed"]),
        (
            {"hold": replace(HELD, resuming=True), "source": "Enabling"},
            ["a resume is in progress, or was interrupted", "changing the event source (Enabling)"],
        ),
        ({"source": "Creating"}, ["changing the event source (Creating)"]),
        ({"dead_letters": 3}, ["3 undelivered: trackgate deadletters list --system trax --local"]),
        (
            {
                "queued": Backlog(waiting=200_000, in_flight=0),
                "rate": Rate(what="new players", per_second=1, accounts=("a",)),
            },
            ["queued events wait up to 2 d for their turn"],
        ),
    ],
)
def test_what_hurts_is_said_with_what_to_do(given: dict[str, Any], expected: list[str]) -> None:
    found = list(pains(system_status(**given), 1000.0, "--local"))

    assert len(found) == len(expected)
    assert all(words in said for words, said in zip(expected, found, strict=True))
