"""`bin/trackgate trace` and `tail` on AWS: what is read of the log, what is shown, and the exit status."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.core.task import batch_id, item_id, new_event_id
from tests.operator.doctor.aws import Aws, Refusal
from tests.operator.status_account import LOG_GROUP, PREFIXES, account
from tools.operator.app import app

SYSTEM, OTHER = list(PREFIXES)[:2]
AGO = 30.0


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    return account(monkeypatch)


@pytest.fixture
def event_id() -> str:
    return new_event_id(time.time() - AGO)


def line(event_id: str, message: str, after: float, **fields: Any) -> dict[str, Any]:
    moment = datetime.fromtimestamp(time.time() - AGO + after, UTC).isoformat(timespec="milliseconds")
    said = {"message": message, "timestamp": moment, "event_id": event_id, "system": SYSTEM}
    return {**said, "endpoint": "event", **fields}


def tried(status: int) -> list[dict[str, Any]]:
    outcome = "delivered" if status == 200 else "transient"
    return [{"status": status, "milliseconds": 12.0, "outcome": outcome}]


def call(event_id: str, status: int = 202, delivery: str = "queued", **fields: Any) -> dict[str, Any]:
    return line(event_id, "call", 0.05, status=status, delivery=delivery, milliseconds=50.0, **fields)


def log(*lines: dict[str, Any], asked: list[dict[str, Any]] | None = None) -> Callable[..., dict[str, Any]]:
    """FilterLogEvents: the lines that contain the pattern's text."""

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        body = json.loads(given["body"])
        if asked is not None:
            asked.append(body)
        text = "" if body["filterPattern"].startswith("{") else body["filterPattern"].strip("%")
        written = [json.dumps(each) for each in lines]
        found = [
            {"eventId": str(number), "message": one} for number, one in enumerate(written) if text in one
        ]
        return {"events": found}

    return answer


def run(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (done.output, done.exception)
    return done


def test_an_event_that_met_503_503_and_200(aws: Aws, event_id: str) -> None:
    later = line(event_id, "redelivery", 3.0, fate="later", receives=1, wait=4, reason="status 503")
    done = line(event_id, "redelivery", 7.5, fate="done", receives=2, tries=tried(200))
    first = call(event_id, reason="status 503", tries=tried(503), resource="/acme/event")
    asked: list[dict[str, Any]] = []
    aws.answers["FilterLogEvents"] = log(done, first, {**later, "tries": tried(503)}, asked=asked)

    shown = run("trace", event_id).stdout

    assert shown.splitlines()[0] == f"{event_id} {SYSTEM} event: redelivered"
    steps = ["answered 503", "Queued", "1st time", "answered 503", "Waits 4.0 s", "2nd time", "answered 200"]
    at = -1
    for step in steps:
        assert (at := shown.find(step, at + 1)) >= 0, (step, shown)
    assert shown.splitlines()[-1] == "Nothing to do."
    (only,) = asked
    assert (only["logGroupName"], only["filterPattern"]) == (LOG_GROUP, f"%{event_id[:-2]}%")
    assert only["startTime"] / 1000 == pytest.approx(time.time() - AGO - 60, abs=5)


def test_json_is_one_line_without_requests(aws: Aws, event_id: str) -> None:
    aws.answers["FilterLogEvents"] = log(call(event_id, 200, "delivered", tries=tried(200)))

    (text,) = run("trace", event_id, "--json").stdout.splitlines()

    life = json.loads(text)
    assert (life["id"], life["outcome"], life["system"]) == (event_id, "delivered", SYSTEM)
    assert [step["kind"] for step in life["steps"]] == ["received", "checked", "try", "checked", "end"]
    assert [step for step in life["steps"] if "sent" in step] == []


def test_an_id_in_lower_case_is_the_same_event(aws: Aws, event_id: str) -> None:
    aws.answers["FilterLogEvents"] = log(call(event_id, 200, "delivered"))

    assert run("trace", event_id.lower()).stdout.startswith(f"{event_id} {SYSTEM} event: delivered")


def test_an_event_on_its_way_exits_with_4(aws: Aws, event_id: str) -> None:
    aws.answers["FilterLogEvents"] = log(call(event_id, reason="queue first"))

    assert "bin/trackgate status --stack trackgate" in run("trace", event_id, code=4).stdout


def test_an_unknown_event_exits_with_3(aws: Aws, event_id: str) -> None:
    aws.answers["FilterLogEvents"] = log(call(new_event_id()))

    shown = run("trace", event_id, code=3).stdout

    assert f"{event_id}: unknown" in shown
    assert "LogRetentionDays" in shown


def test_a_batch_and_its_items_are_found_by_what_their_ids_have_in_common(aws: Aws, event_id: str) -> None:
    batch = batch_id(event_id)
    first, second = item_id(batch, 0), item_id(batch, 1)
    asked: list[dict[str, Any]] = []
    taken = line(batch, "batch", 0.1, status=200, deliveries={"queued": 2}, places={"queued": "0-1"})
    aws.answers["FilterLogEvents"] = log(taken, line(first, "redelivery", 3.0, fate="done"), asked=asked)

    whole = json.loads(run("trace", batch, "--json", code=4).stdout)
    delivered = run("trace", first).stdout
    waits = run("trace", second, code=4).stdout

    assert [(item["id"], item["outcome"]) for item in whole["items"]] == [
        (first, "redelivered"),
        (second, "queued"),
    ]
    assert delivered.startswith(f"{first} {SYSTEM} event: redelivered")
    assert f"as item 1 of the batch {batch}" in waits
    assert {body["filterPattern"] for body in asked} == {f"%{batch[:-2]}%"}


def test_a_batch_with_a_dead_letter_may_go_on_after_days(aws: Aws) -> None:
    batch = batch_id(new_event_id(time.time() - 5 * 3600))
    asked: list[dict[str, Any]] = []
    failed = {"queued": "0", "unknown: upstream: timeout": "1"}
    taken = line(batch, "batch", 0.1, status=207, deliveries={"queued": 1, "unknown": 1}, places=failed)
    dead = line(item_id(batch, 0), "redelivery", 3.0, fate="dead", reason="refused")
    aws.answers["FilterLogEvents"] = log(taken, dead, asked=asked)

    run("trace", batch)

    assert len(asked) == 2


def test_the_log_of_later_days_is_read_for_what_is_not_settled(aws: Aws) -> None:
    event_id = new_event_id(time.time() - 5 * 3600)
    asked: list[dict[str, Any]] = []
    aws.answers["FilterLogEvents"] = log(call(event_id), asked=asked)

    run("trace", event_id, code=4)

    assert [body.get("endTime") for body in asked] == [asked[1]["startTime"], None]


@pytest.mark.parametrize("text", ["17", "0" * 27])
def test_what_is_no_event_id_is_incorrect_usage(aws: Aws, text: str) -> None:
    assert "is not an event id" in run("trace", text, code=2).stderr


def test_an_id_of_1970_is_only_unknown(aws: Aws) -> None:
    asked: list[dict[str, Any]] = []
    aws.answers["FilterLogEvents"] = log(asked=asked)

    run("trace", "0" * 26, code=3)

    assert asked[0]["startTime"] == 0


def test_no_terminal_obeys_what_a_line_holds(aws: Aws, event_id: str) -> None:
    hostile = "\x1b]0;title\x07\x1b[2J\x9b31m\r\u202egnp"
    aws.answers["FilterLogEvents"] = log(call(event_id, 400, hostile, resource=hostile, error=hostile))

    shown = run("trace", event_id).stdout + run("tail", "--no-follow").stdout

    assert "]0;title" in shown
    assert [character for character in hostile if not character.isprintable() and character in shown] == []


def test_without_the_right_the_command_fails(aws: Aws, event_id: str) -> None:
    aws.answers["FilterLogEvents"] = Refusal("AccessDeniedException", "to perform: logs:FilterLogEvents on …")

    assert "logs:FilterLogEvents" in run("trace", event_id, code=1).stderr


def test_tail_has_a_line_per_event_and_filters(aws: Aws, event_id: str) -> None:
    other = {**call(new_event_id(), 400, "rejected", error="invalid"), "system": OTHER}
    lines = (call(event_id, reason="status 503", tries=tried(503)), other, line(event_id, "fault", 1.0))
    aws.answers["FilterLogEvents"] = log(*lines)

    def rows(*options: str) -> list[dict[str, Any]]:
        shown = run("tail", "--no-follow", "--since", "1h", "--json", *options).stdout
        return [json.loads(text) for text in shown.splitlines()]

    queued, rejected = rows()
    assert queued | {"time": ""} == {
        "time": "", "id": event_id, "system": SYSTEM, "endpoint": "event", "outcome": "queued", "status": 202,
        "tries": 1, "milliseconds": 50.0, "reason": "status 503",
    }  # fmt: skip
    assert rows("--system", OTHER) == rows("--outcome", "rejected") == [rejected]
    assert rows("--outcome", "delivered") == []
    text = run("tail", "--no-follow").stdout
    assert [part in text for part in (event_id, "queued", "202", "the vendor answered 503")] == [True] * 4


def test_ctrl_c_ends_a_tail_well(aws: Aws, event_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    aws.answers["FilterLogEvents"] = log(call(event_id))
    monkeypatch.setattr("tools.operator.tail.command.time.sleep", interrupted)

    assert event_id in run("tail").stdout
