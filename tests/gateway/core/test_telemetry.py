"""What Lambda keeps of what the functions write: every metric, and every line that LogLevel asks for.

Lambda's rule: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html (read
2026-11-21). A line's level is its `level`; if that is missing or unknown, or its `timestamp` is not RFC 3339,
it is INFO. Lines below ApplicationLogLevel are dropped.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from gateway import __version__
from gateway.core import telemetry
from tests.architecture.house import GATEWAY, TEMPLATE
from tools.template.decided import Conditions

LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

WRITES = """
from gateway.core import telemetry
telemetry.log.debug("a debug line")
telemetry.log.info("an info line")
telemetry.log.warning("a warning")
telemetry.log.error("an error")
try:
    raise ValueError("quotes a value")
except ValueError:
    telemetry.log.exception("a fault")
telemetry.count("trax", "Queued")
telemetry.flush("trax")
telemetry.count("trax", "Accepted", 2)
telemetry.took("trax", 0.25)
telemetry.log_call("a call", system="trax", error=None, status=200)
telemetry.log_call("an uneventful call", system="trax")
print("a line of somebody else's")
"""
CALLS = ["a call", "an uneventful call"]
SHOWN = {
    "DEBUG": ["a debug line", "an info line", "a warning", "an error", "a fault", *CALLS],
    "INFO": ["an info line", "a warning", "an error", "a fault", *CALLS],
    "WARN": ["a warning", "an error", "a fault"],
    "ERROR": ["an error", "a fault"],
}


def _application_log_level(log_level: str) -> str:
    """What the template sets for this LogLevel."""
    written: Any = TEMPLATE.data["Globals"]["Function"]["LoggingConfig"]["ApplicationLogLevel"]
    if isinstance(written, dict):
        condition, held, otherwise = written["Fn::If"]
        written = held if Conditions(TEMPLATE.data, {"LogLevel": log_level}).hold(condition) else otherwise
    return str(written)


def _kept(lines: list[str], application_log_level: str) -> list[dict[str, Any]]:
    """The lines that Lambda passes on, by its documented rule."""
    return [
        line
        for line in map(_read, lines)
        if LEVELS.index(_level(line)) >= LEVELS.index(application_log_level)
    ]


def _read(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        line = {"message": text}
    return line if isinstance(line, dict) else {"message": text}


def _level(line: dict[str, Any]) -> str:
    level = str(line.get("level", "")).upper()
    timed = RFC_3339.fullmatch(str(line.get("timestamp", "")))
    return level if level in LEVELS and timed else "INFO"


def _written(log_level: str, application_log_level: str) -> list[str]:
    """What a function writes, in an environment as Lambda makes it."""
    environment = {
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(GATEWAY.parent),
        "POWERTOOLS_LOG_LEVEL": log_level,
        "POWERTOOLS_METRICS_NAMESPACE": "staging",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": application_log_level,
    }
    command = [sys.executable, "-W", "error", "-c", WRITES]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


@pytest.mark.parametrize("log_level", TEMPLATE.parameters["LogLevel"]["AllowedValues"])
def test_lambda_keeps_every_metric_and_what_the_level_asks_for(log_level: str) -> None:
    application_log_level = _application_log_level(log_level)
    kept = _kept(_written(log_level, application_log_level), application_log_level)

    alone, of_the_call = (line for line in kept if "_aws" in line)
    assert (alone["Queued"], alone["system"]) == ([1.0], "trax")
    assert (of_the_call["Accepted"], of_the_call["UpstreamLatency"]) == ([2.0], [250.0])
    assert [line["message"] for line in kept if "timestamp" in line] == SHOWN[log_level]


def test_times_are_rfc_3339_so_that_lambda_believes_the_level() -> None:
    lines = [_read(text) for text in _written("DEBUG", "DEBUG")]

    for line in lines:
        if "timestamp" in line:
            assert RFC_3339.fullmatch(line["timestamp"]), line


def test_a_line_below_the_level_is_not_even_written() -> None:
    # Lambda would keep an error whose time it cannot read as INFO, so that it must never filter for us.
    written = [_read(text)["message"] for text in _written("ERROR", "INFO") if "timestamp" in text]

    assert written == SHOWN["ERROR"]


def test_metrics_are_in_the_stacks_namespace() -> None:
    metrics = [line["_aws"] for line in map(_read, _written("INFO", "INFO")) if "_aws" in line]

    assert [each["Namespace"] for metric in metrics for each in metric["CloudWatchMetrics"]] == [
        "staging"
    ] * 2


def test_a_line_is_the_one_that_powertools_wrote() -> None:
    """Saved queries name these fields, dashboards and alarms these metrics."""
    lines = {line["message"]: line for line in map(_read, _written("DEBUG", "DEBUG")) if "timestamp" in line}

    fields = ["level", "location", "message", "timestamp", "service", "version"]
    warning, fault, call = lines["a warning"], lines["a fault"], lines["a call"]
    assert list(warning) == [*fields, "xray_trace_id"]
    assert warning["level"] == "WARNING"
    assert re.fullmatch(r"<module>:\d+", warning["location"])
    assert (warning["service"], warning["version"]) == ("trackgate", __version__)
    assert warning["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert list(fault) == [*fields, "exception", "exception_name", "xray_trace_id"]
    assert (fault["level"], fault["exception_name"]) == ("ERROR", "ValueError")
    assert fault["exception"].splitlines()[-1] == "ValueError"
    assert call == {
        **{name: call[name] for name in (*fields, "xray_trace_id")},
        "system": "trax",
        "status": 200,
        "_aws": {
            "Timestamp": call["_aws"]["Timestamp"],
            "CloudWatchMetrics": [
                {
                    "Namespace": "staging",
                    "Dimensions": [["system"]],
                    "Metrics": [
                        {"Name": "Accepted", "Unit": "Count"},
                        {"Name": "UpstreamLatency", "Unit": "Milliseconds"},
                    ],
                }
            ],
        },
        "Accepted": [2.0],
        "UpstreamLatency": [250.0],
    }
    assert list(lines["an uneventful call"]) == [*fields, "system", "xray_trace_id"]


def test_threads_count_and_write_side_by_side(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudWatch takes at most a hundred values of a metric in one line."""

    class Slow:
        """Whoever lets go of it lets the others go first."""

        def __init__(self) -> None:
            self._lock = threading.Lock()

        def __enter__(self) -> None:
            self._lock.acquire()

        def __exit__(self, *_: object) -> None:
            self._lock.release()
            time.sleep(0)

    monkeypatch.setattr(telemetry, "_alone", Slow())
    monkeypatch.setattr(telemetry, "_counted", {})  # tests before this one may have counted

    def work() -> None:
        for _ in range(500):
            telemetry.count("trax", "Delivered")
            telemetry.took("trax", 1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    telemetry.flush("trax")

    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    for name in ("Delivered", "UpstreamLatency"):
        found = [len(line.get(name, ())) for line in lines]
        assert (sum(found), max(found) <= 100) == (8 * 500, True), name
