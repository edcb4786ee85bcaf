"""`bin/trackgate status` of OneSignal: how many new players a day its apps can have in the users model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operator.doctor.aws import Aws
from tests.operator.status_account import account, counts, rows, run, secret, stack

IOS, ANDROID = "0c1a4b5d-3289-4651-ad15-3b995718badd", "1c1a4b5d-3289-4651-ad15-3b995718badd"
OF_0_2_0 = {"OneSignalAppId": "own-app"}
PLAYERS = OF_0_2_0 | {"OneSignalModel": "players", "OneSignalLookupsPerSecond": "1"}
USERS = PLAYERS | {"OneSignalModel": "users"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    return account(monkeypatch)


@pytest.mark.parametrize(
    ("parameters", "apps", "expected"),
    [
        (USERS, {}, ["own-app"]),
        (USERS, {IOS: {}, ANDROID: {"model": "players"}}, ["own-app", IOS]),
        (PLAYERS, {IOS: {"model": "users"}, ANDROID: {}}, [IOS]),
        (PLAYERS, {}, None),
        # It knows neither the parameters nor the model of an app.
        (OF_0_2_0, {IOS: {"model": "users"}}, None),
        # The functions refuse it; the doctor says so.
        (PLAYERS, {IOS: {"model": "both"}}, None),
    ],
)
def test_apps_of_the_user_model_have_a_rate(
    aws: Aws, parameters: dict[str, str], apps: dict[str, Any], expected: list[str] | None
) -> None:
    aws.answers["DescribeStacks"] = stack(**parameters)
    aws.answers["GetSecretValue"] = secret(credentials={"*": "c", **dict.fromkeys(apps, "c")}, accounts=apps)

    rate = rows(run("--json"))["onesignal"]["rate"]

    assert (rate and rate["accounts"]) == expected


def test_the_rate_says_how_long_queued_events_wait(aws: Aws) -> None:
    aws.answers["DescribeStacks"] = stack(**USERS)
    aws.answers["GetQueueAttributes"] = counts({"OneSignalQueue": (100, 0, 20)})

    assert rows(run("--json"))["onesignal"]["rate"] == {
        "what": "new players",
        "per_second": 1.0,
        "accounts": ["own-app"],
        "per_day": 86_400,
        "longest_wait": 120,
    }


def test_the_table_is_followed_by_what_a_first_day_takes(aws: Aws) -> None:
    aws.answers["DescribeStacks"] = stack(**USERS | {"OneSignalLookupsPerSecond": "0.5"})

    quiet = run().stderr.strip()
    aws.answers["GetQueueAttributes"] = counts({"OneSignalQueue": (0, 0, 3600)})
    busy = run().stderr.strip()

    assert quiet == "OneSignal: new players at 0.5 per second, 43,200 on a first day."
    assert busy == f"{quiet} 3,600 queued events may wait up to 2 h for that."


def test_a_secret_that_cannot_be_read_is_said_in_the_row(aws: Aws) -> None:
    aws.answers["DescribeStacks"] = stack(**USERS)
    aws.answers["GetSecretValue"] = {"SecretString": "[]", "VersionId": "v" * 32}

    (hurts,) = rows(run("--json"))["onesignal"]["hurts"]

    assert "is not a JSON object" in hurts
