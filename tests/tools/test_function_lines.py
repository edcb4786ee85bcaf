"""The functions' log lines are in a file as soon as a call has returned."""

import types
from pathlib import Path
from typing import Any

import pytest

from tools.function_lines import copy_lines
from tools.local.stack import LocalStack
from tools.send import http1, sample


def line(message: str) -> dict[str, Any]:
    return {"timestamp": 1, "message": message, "ingestionTime": 1}


def test_lines_are_written_beside_their_streams_without_those_around_a_call(tmp_path: Path) -> None:
    kept: list[Any] = []
    logs = types.SimpleNamespace(_append_log_events=lambda stream, events: kept.append((stream, events)))
    file = tmp_path / "logs" / "functions.log"
    file.parent.mkdir()
    file.write_text("of an earlier run\n")
    copy_lines(logs, file)

    call = [line("START RequestId: 1 Version: $LATEST"), line('{"message": "é"}'), line("END RequestId: 1")]
    logs._append_log_events("stream", call)
    logs._append_log_events("stream", [line("a second call")])

    assert file.read_text() == '{"message": "é"}\na second call\n'
    assert kept == [("stream", call), ("stream", [line("a second call")])]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_full_disk_does_not_fail_the_calls() -> None:
    kept: list[Any] = []
    logs = types.SimpleNamespace(_append_log_events=lambda stream, events: kept.append(stream))
    copy_lines(logs, Path("/dev/full"))

    logs._append_log_events("stream", [line("a call's")])

    assert kept == ["stream"]


def test_a_calls_line_is_there_when_its_answer_is(local: LocalStack) -> None:
    for name in sample.names():
        _, answer = http1.send(sample.load(name), local.url)
        lines = local.places.function_lines.read_text()
        if event_id := dict(answer.headers).get("Gateway-Event-Id"):
            break

    assert event_id
    assert event_id in lines
