"""`bin/trackgate backlog`: what each system has queued, and when its queue will be empty."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.delivery.queue import CAP_SECONDS
from tests.operator.doctor.aws import MAPPING, Aws
from tests.operator.status_account import PREFIXES, account, counts, rows, stack
from tools.operator import output
from tools.operator.app import app
from tools.operator.drain.capacity import capacity
from tools.operator.systems import known

FIRST, SECOND, *_ = (system for system in PREFIXES if known(system).upstream.at_once == 1)
TOGETHER = next(system for system in PREFIXES if known(system).upstream.at_once > 1)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    found = account(monkeypatch)
    found.answers |= {
        "DescribeStacks": stack(SendsAtOnce="25"),
        "GetMetricStatistics": {"Datapoints": []},
        "GetEventSourceMapping": {
            "UUID": MAPPING,
            "State": "Enabled",
            "BatchSize": 50,
            "ScalingConfig": {"MaximumConcurrency": 5},
        },
    }
    return found


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the command waited, instead of waiting. A thread that an earlier test left does wait."""
    found: list[float] = []
    sleep, command = time.sleep, threading.get_ident()

    def waited(seconds: float) -> None:
        (found.append if threading.get_ident() == command else sleep)(seconds)

    monkeypatch.setattr(time, "sleep", waited)
    return found


def run(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["backlog", *arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done


def metrics(by_name: Mapping[str, float]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A datapoint of each of these metrics: the sum, maximum or average of every queue and system."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        text = str(asked["body"])
        value = next((value for name, value in by_name.items() if name in text), None)
        if value is None:
            return {"Datapoints": []}
        point = {"Timestamp": datetime.now(UTC), "Sum": value, "Maximum": value, "Average": value}
        return {"Datapoints": [point]}

    return answer


BUSY = {
    "NumberOfMessagesSent": 300.0,
    "NumberOfMessagesDeleted": 30_300.0,
    "ApproximateAgeOfOldestMessage": 3700.0,
    "UpstreamLatency": 490.0,
}
"""Sent: 1 per second; deleted: 101 per second, over five minutes."""


def test_a_row_per_system_says_how_much_how_fast_and_until_when(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    monkeypatch.setattr(output.out, "width", 400)
    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (359_980, 20, 100)})
    aws.answers["GetMetricStatistics"] = metrics(BUSY)

    header, line = run("--system", FIRST).stdout.splitlines()

    names = ["system", "waiting", "in flight", "oldest", "drains per second", "possible", "empty"]
    assert re.split(r"\s{2,}", header.strip()) == names
    *figures, empty = re.split(r"\s{2,}", line.strip())
    assert figures == [FIRST, "360000", "100", "62 m", "100.0", "217"]
    assert re.fullmatch(r"in 60 m, \d{4}-\d\d-\d\d \d\d:\d\d UTC", empty)
    assert waits == []


def test_every_system_has_a_row_unless_some_are_chosen(aws: Aws) -> None:
    assert list(rows(run("--json"))) == list(PREFIXES)
    assert list(rows(run("--json", "--system", SECOND, "--system", FIRST))) == [SECOND, FIRST]
    assert all(line.rstrip().endswith("now") for line in run().stdout.splitlines()[1:])


def test_json_has_the_same_in_fields(aws: Aws) -> None:
    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (360_000, 0, 0)})
    aws.answers["GetMetricStatistics"] = metrics(BUSY)

    found = rows(run("--json", "--system", FIRST))

    row = found.pop(FIRST)
    assert not found
    empty_at = datetime.fromisoformat(row.pop("empty_at"))
    assert empty_at.timestamp() == pytest.approx(time.time() + 3600, abs=5)
    assert row == {
        "system": FIRST,
        "waiting": 360_000,
        "in_flight": 0,
        "oldest": 3700.0,
        "arriving": 1.0,
        "leaving": 101.0,
        "drain_rate": 100.0,
        "possible_rate": 217.39,
        "latency": 0.49,
        "event_source": "Enabled",
        "empty_in": 3600,
    }


def test_without_metrics_the_queue_is_read_twice(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    readings = iter([{f"{PREFIXES[FIRST]}Queue": (number, 0, 0)} for number in (1000, 400)])
    now = iter([100.0, 110.0])
    monkeypatch.setattr("tools.operator.drain.reading.monotonic", lambda: next(now))
    aws.answers["GetQueueAttributes"] = lambda asked: counts(next(readings))(asked)

    done = run("--json", "--system", FIRST, "--seconds", "7")

    row = rows(done)[FIRST]
    assert waits == [7]
    assert (row["waiting"], row["drain_rate"], row["empty_in"]) == (400, 60.0, 7)
    assert (row["oldest"], row["arriving"], row["leaving"], row["latency"]) == (None, None, None, None)
    assert row["possible_rate"] == round(capacity(workers=5, batch=50, sends_at_once=25, latency=0.2), 2)


def test_nothing_is_waited_for_where_nothing_is_queued(aws: Aws, waits: list[float]) -> None:
    done = run("--json")

    assert waits == []
    assert {row["empty_in"] for row in rows(done).values()} == {0}
    assert "200 ms assumed" in run().stderr


def test_what_waits_for_its_next_attempt_is_waited_for(aws: Aws) -> None:
    aws.answers["GetMetricStatistics"] = metrics(BUSY)
    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (0, 0, 251)})
    assert rows(run("--json"))[FIRST]["empty_in"] == CAP_SECONDS

    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (0, 0, 250)})
    assert rows(run("--json"))[FIRST]["empty_in"] == 2


@pytest.mark.parametrize(
    ("state", "deleted", "said", "advice"),
    [
        ("Disabled", 30_300.0, "never: the event source is Disabled", "`bin/trackgate status` says why"),
        ("Enabled", 150.0, "it grows", "DeliveryConcurrency is too low"),
        ("Enabled", 300.0, "never at this rate", "DeliveryConcurrency is too low"),
    ],
)
def test_a_queue_that_does_not_empty_is_said_to_be_one(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, state: str, deleted: float, said: str, advice: str
) -> None:
    monkeypatch.setattr(output.out, "width", 400)
    aws.answers["GetQueueAttributes"] = counts({f"{PREFIXES[FIRST]}Queue": (100, 0, 0)})
    aws.answers["GetMetricStatistics"] = metrics(BUSY | {"NumberOfMessagesDeleted": deleted})
    aws.answers["GetEventSourceMapping"] = {"UUID": MAPPING, "State": state, "BatchSize": 10}

    done = run("--system", FIRST)

    assert done.stdout.splitlines()[1].rstrip().endswith(said)
    assert FIRST in done.stderr
    assert advice in done.stderr
    row = rows(run("--json"))[FIRST]
    assert (row["empty_in"], row["empty_at"]) == (None, None)


def test_no_more_is_possible_than_the_settings_allow(aws: Aws) -> None:
    limit = {f"{PREFIXES[FIRST]}RequestsPerSecond": "40"}
    aws.answers["DescribeStacks"] = stack(SendsAtOnce="25", **limit)

    found = rows(run("--json"))

    assert found[FIRST]["possible_rate"] == 40
    assert found[SECOND]["possible_rate"] > 40


def test_more_is_possible_where_a_send_takes_several_events(aws: Aws) -> None:
    found = rows(run("--json"))

    at_once = known(TOGETHER).upstream.at_once
    expected = capacity(workers=5, batch=50, sends_at_once=25, latency=0.2, events_per_send=at_once)
    assert found[TOGETHER]["possible_rate"] == round(expected, 2) > found[FIRST]["possible_rate"]


def test_an_unknown_system_is_an_error(aws: Aws) -> None:
    assert "no system acme" in run("--system", "acme", code=1).output


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 5 * 50 / (2 * 0.21 + 0.15)),
        ({"workers": 10}, 10 * 50 / (2 * 0.21 + 0.15)),
        ({"sends_at_once": 1}, 5 * 50 / (50 * 0.21 + 0.15)),
        ({"sends_at_once": 100}, 5 * 50 / (1 * 0.21 + 0.15)),
        ({"latency": 2.0}, 5 * 50 / (2 * 2.01 + 0.15)),
        ({"sends_at_once": 4, "events_per_send": 5}, 5 * 50 / (3 * 0.21 + 0.15)),
    ],
)
def test_what_is_possible_follows_the_formula(changed: dict[str, Any], expected: float) -> None:
    usual: dict[str, Any] = {"workers": 5, "batch": 50, "sends_at_once": 25, "latency": 0.2}

    assert capacity(**usual | changed) == pytest.approx(expected)
