"""`bin/trackgate status`: what each system holds, queues and has given up, and what of it hurts."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.delivery.hold import Hold
from tests.operator.doctor.aws import Aws, Refusal
from tests.operator.status_account import PREFIXES, account, counts, rows, run
from tools.operator import output
from tools.operator.backlog import Backlog
from tools.operator.status.pains import pains
from tools.operator.status.system_status import SystemStatus
from tools.operator.status.traffic import Traffic
from tools.systems.profile import Rate

FIRST, *OTHERS = PREFIXES

HELD, OVER = Hold(since=0, until=2000), Hold(since=0, until=999)
"""At 1000."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    return account(monkeypatch)


def test_a_row_per_system_says_what_it_queues_and_has_given_up(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.out, "width", 400)
    found = {f"{PREFIXES[FIRST]}Queue": (3, 2, 7), f"{PREFIXES[OTHERS[0]]}DeadLetters": (1, 0, 1)}
    aws.answers["GetQueueAttributes"] = counts(found)

    header, *lines = run().stdout.splitlines()

    numbers = ["accepted", "delivered", "queued", "oldest", "dead", "vendor p50", "p95"]
    names = ["system", *numbers, "breaker", "what hurts"]
    assert re.split(r"\s{2,}", header.strip()) == names
    assert [re.split(r"\s{2,}", line.strip()) for line in lines] == [
        [FIRST, "0", "0", "12", "unknown", "0", "closed"],
        [
            *(OTHERS[0], "0", "0", "0", "2", "closed"),
            f"2 undelivered: bin/trackgate deadletters list --system {OTHERS[0]} --stack trackgate",
        ],
        *([name, "0", "0", "0", "0", "closed"] for name in OTHERS[1:]),
    ]


def measured(**values: list[float]) -> Any:
    """GetMetricData: these values of the first system's metrics, by name, or by statistic for its latency."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        results = []
        for query in json.loads(asked["body"])["MetricDataQueries"]:
            stat = query["MetricStat"]
            (dimension,) = stat["Metric"]["Dimensions"]
            name = stat["Metric"]["MetricName"] if stat["Stat"] == "Sum" else stat["Stat"]
            own = values.get(name, []) if dimension["Value"] == FIRST else []
            results.append({"Id": query["Id"], "Values": own})
        return {"MetricDataResults": results}

    return answer


def test_the_row_says_what_went_through_and_how_the_vendor_answered(aws: Aws) -> None:
    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (3, 0, 0)})
    aws.answers["GetMetricData"] = measured(
        Accepted=[700.0, 534.0], Delivered=[1200.0], Redelivered=[30.0], p50=[41.2, 40.0], p95=[187.4]
    )
    newest = {"Timestamp": datetime.now(UTC), "Maximum": 75.0}
    aws.answers["GetMetricStatistics"] = {"Datapoints": [newest]}
    opened = {"message": "redelivery", "reason": "breaker open", "system": FIRST}
    aws.answers["FilterLogEvents"] = {"events": [{"eventId": "1", "message": json.dumps(opened)}]}

    row = re.split(r"\s{2,}", run().stdout.splitlines()[1].strip())
    found = rows(run("--json"))[FIRST]

    assert row[:9] == [FIRST, "1,234", "1,230", "3", "75 s", "0", "41 ms", "187 ms", "open"]
    assert row[9].startswith("the vendor keeps failing")
    told = {"accepted": 1234, "delivered": 1230, "failed": 0, "oldest": 75}
    assert {name: found[name] for name in told} == told
    assert (found["upstream_p50"], found["upstream_p95"], found["breaker"]) == (41.2, 187.4, "open")


def test_what_may_not_be_read_is_unknown_and_said(aws: Aws) -> None:
    aws.answers["GetMetricData"] = Refusal("AccessDenied", "to perform: cloudwatch:GetMetricData on …")

    done = run()

    assert re.split(r"\s{2,}", done.stdout.splitlines()[1].strip())[1:4] == ["unknown", "unknown", "0"]
    assert "cloudwatch:GetMetricData" in done.stderr
    assert rows(run("--json"))[FIRST]["accepted"] is None


@pytest.mark.parametrize("since", ["0s", "16d"])
def test_a_time_that_nobody_counts_is_incorrect_usage(aws: Aws, since: str) -> None:
    assert "--since is" in run("--since", since, code=2).stderr


def test_json_has_the_same_in_fields(aws: Aws) -> None:
    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (100, 0, 20)})
    now = time.time()
    held = {"since": {"N": f"{now - 60:.0f}"}, "until": {"N": f"{now + 3600:.0f}"}}
    aws.answers["GetItem"] = {"Item": held}

    found = rows(run("--json"))

    assert list(found) == list(PREFIXES)
    row = found[FIRST]
    assert datetime.fromisoformat(row.pop("held_since")).timestamp() == pytest.approx(now - 60, abs=1)
    assert datetime.fromisoformat(row.pop("held_until")).tzinfo == UTC
    (hurts,) = row.pop("hurts")
    assert hurts.startswith("nothing is delivered for another ")
    assert row == {
        "system": FIRST,
        "hold": "held",
        "event_source": "Enabled",
        "waiting": 100,
        "in_flight": 20,
        "dead_letters": 0,
        "rate": None,
        "accepted": 0,
        "delivered": 0,
        "failed": 0,
        "oldest": None,
        "upstream_p50": None,
        "upstream_p95": None,
        "breaker": "closed",
    }


def test_the_table_says_when_a_hold_began_and_ends(aws: Aws) -> None:
    held = {"since": {"N": "1795286940"}, "until": {"N": "4000000000"}}
    aws.answers["GetItem"] = {"Item": held}
    assert "2026-11-21 18:49 to 2096-10-02 07:06 UTC" in run().stdout

    aws.answers["GetItem"] = {"Item": held | {"until": {"N": "1795286999"}}}
    assert "over since 2026-11-21 18:49 UTC" in run().stdout


def test_a_hold_that_is_malformed_is_said_in_the_row(aws: Aws) -> None:
    aws.answers["GetItem"] = {"Item": {"since": {"S": "yesterday"}}}

    row = rows(run("--json"))[FIRST]

    (hurts,) = row["hurts"]
    assert "malformed" in hurts
    assert (row["hold"], row["event_source"]) == ("none", "Enabled")


def test_a_missing_right_is_named(aws: Aws) -> None:
    aws.answers["GetItem"] = Refusal("AccessDeniedException", "not authorized to perform: dynamodb:GetItem")

    assert "do not allow dynamodb:GetItem" in run(code=1).output


def system_status(**given: Any) -> SystemStatus:
    usual = {"hold": None, "source": "Enabled", "queued": Backlog(waiting=0, in_flight=0), "dead_letters": 0}
    return SystemStatus(system=FIRST, **{**usual, **given})


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
            ["the hold has ended by itself"],
        ),
        ({"hold": OVER}, ["the hold has ended by itself"]),
        (
            {"hold": replace(HELD, resuming=True), "source": "Enabling"},
            ["a resume is in progress, or was interrupted", "changing the event source (Enabling)"],
        ),
        ({"source": "Creating"}, ["changing the event source (Creating)"]),
        ({"traffic": Traffic(accepted=9, delivered=9, p95=2000.0, oldest=3600.0)}, []),
        ({"traffic": Traffic(breaker_open=True)}, ["the vendor keeps failing"]),
        ({"traffic": Traffic(oldest=7200.0)}, ["the oldest queued event waits for 2 h"]),
        (
            {"traffic": Traffic(setup_failures=2, failed=1)},
            [
                f"2 times: bin/trackgate secrets check --system {FIRST} --local",
                "neither delivered nor queued, once",
            ],
        ),
        ({"dead_letters": 3}, [f"3 undelivered: bin/trackgate deadletters list --system {FIRST} --local"]),
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
