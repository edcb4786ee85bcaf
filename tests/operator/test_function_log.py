"""The functions' log lines: a local run's file, which grows and is emptied, and CloudWatch, which is late."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.operator.doctor.aws import Aws
from tools.errors import CommandError
from tools.operator.function_log.cloudwatch import CloudWatchLog
from tools.operator.function_log.local_file import LocalFile


def text(name: str, at: float = 1000.0) -> str:
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return json.dumps({"message": "call", "timestamp": moment, "event_id": name}) + "\n"


class Ends(Exception):
    """Ends what goes on without end."""


def follow(log: Any, *steps: Any) -> list[str]:
    """What is followed while one step after the other happens, each in a pause."""
    left = list(steps)

    def wait(seconds: float) -> None:
        assert seconds > 0
        if not left:
            raise Ends
        left.pop(0)()

    found: list[str] = []
    with suppress(Ends):
        for fields in log.followed(1000.0, wait):
            found.append(fields["event_id"])
    return found


def test_the_lines_of_an_event_are_found_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "functions.log"
    file.write_text(text("FIRST") + "FIRST: a line of somebody else's\n" + text("SECOND") + "[]\n")

    assert [fields["event_id"] for fields in LocalFile(file).matching("FIRST", 0)] == ["FIRST"]
    assert [fields["event_id"] for fields in LocalFile(file).written(1000)] == ["FIRST", "SECOND"]
    assert list(LocalFile(file).written(1001)) == []


def test_a_broken_line_hides_no_other(tmp_path: Path) -> None:
    file = tmp_path / "functions.log"
    separated = json.dumps({**json.loads(text("NEXT")), "why": "\u2028\x85"}, ensure_ascii=False)
    file.write_bytes(
        text("FIRST").encode()[:20] + b"\xff\n" + separated.encode() + b"\n" + text("LAST")[:-5].encode()
    )

    log = LocalFile(file)

    assert [fields["event_id"] for fields in log.matching("NEXT", 0)] == ["NEXT"]
    assert [fields["event_id"] for fields in log.written(0)] == ["NEXT"]
    assert follow(log) == ["NEXT"]


def test_a_file_is_followed_line_by_line_and_into_the_next_run(tmp_path: Path) -> None:
    file = tmp_path / "functions.log"
    file.write_text(text("old", 999.0) + text("a"))
    whole = text("b")

    def write(part: str, mode: str = "a") -> Any:
        def written() -> None:
            with file.open(mode) as opened:
                opened.write(part)

        return written

    followed = follow(LocalFile(file), write(whole[:9]), write(whole[9:]), write("", "w"), write(text("c")))

    assert followed == ["a", "b", "c"]


def test_without_a_local_run_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="run `make local`, or set its STATE here as well"):
        LocalFile(tmp_path / "functions.log")


def pages(*events: list[tuple[str, str]]) -> Any:
    """FilterLogEvents' pages, and what was asked."""
    asked: list[dict[str, Any]] = []

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        asked.append(json.loads(given["body"]))
        number = int(asked[-1].get("nextToken", "0"))
        found = [{"eventId": name, "message": message} for name, message in events[number]]
        more = {"nextToken": str(number + 1)} if number + 1 < len(events) else {}
        return {"events": found, **more}

    return answer, asked


def test_every_page_of_cloudwatch_is_read() -> None:
    answer, asked = pages([("1", text("a"))], [("2", "no JSON"), ("3", text("b"))])
    log = CloudWatchLog(Aws({"FilterLogEvents": answer}).client("logs"), "trackgate-logs")

    assert [fields["event_id"] for fields in log.matching("01M7XW7VRZ", 1000.0, 2000.5)] == ["a", "b"]
    assert asked[0] == {
        "logGroupName": "trackgate-logs",
        "filterPattern": "%01M7XW7VRZ%",
        "startTime": 1_000_000,
        "endTime": 2_000_500,
    }


def test_what_cloudwatch_shows_late_is_followed_once() -> None:
    now = time.time()
    shown = [("1", text("a"))]

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        starts.append(json.loads(given["body"])["startTime"] / 1000)
        return {"events": [{"eventId": name, "message": message} for name, message in shown]}

    starts: list[float] = []
    log = CloudWatchLog(Aws({"FilterLogEvents": answer}).client("logs"), "trackgate-logs")

    followed = follow(log, lambda: shown.insert(0, ("0", text("late"))), lambda: None)

    assert followed == ["a", "late"]
    assert starts[0] == 1000.0
    assert starts[1] >= now - 31
    assert all(first <= second for first, second in pairwise(starts))
