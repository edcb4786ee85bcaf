"""Logs and metrics: one structured line per call, without bodies, credentials, people's ids or queries.

What Lambda makes of a line: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
How CloudWatch finds metrics in one (EMF):
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
import os
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import RESERVED_LOG_ATTRS, LambdaPowertoolsFormatter

from gateway import __version__

# At DEBUG it would log the path and the query of every request to an upstream.
logging.getLogger("urllib3").setLevel(logging.INFO)

# No line has them, and each record would look them up:
# https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

MAX_VALUES = 100
"""The most values that one line may hold of a metric."""

_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "trackgate")

_OWN = frozenset(RESERVED_LOG_ATTRS)
"""What every record has; all else was given by the caller. A set: each line searches it 30 times."""

_JSON = json.JSONEncoder(separators=(",", ":"), default=str)

_alone = threading.Lock()
"""A worker's threads count side by side."""

_counted: dict[str, dict[str, list[float]]] = {}
"""What each system's metrics have to say in their next line, by their names."""


class OneLine(LambdaPowertoolsFormatter):
    """Writes what Powertools' own formatter writes, in half of its time, without the fields that are None.

    Of an exception it logs where it came from, never its message: `invalid literal for int(): '…'` quotes
    data.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON. Lambda takes one whose time is not RFC 3339 for INFO."""
        given = {
            name: value for name, value in record.__dict__.items() if value is not None and name not in _OWN
        }
        line = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.msg,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "service": "trackgate",
            "version": __version__,
            **given,
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = _places(record.exc_info[1])
            line["exception_name"] = record.exc_info[0].__name__
        if trace_id := _trace_id():
            line["xray_trace_id"] = trace_id
        return _JSON.encode(line)


class _StandardOutput(logging.StreamHandler[TextIO]):
    """Writes to what is standard output now, as `print` does."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)


log = Logger(service="trackgate", logger_formatter=OneLine(), logger_handler=_StandardOutput())
# Powertools lets Lambda's ApplicationLogLevel override any other level. That one stays INFO, since metric
# lines have no level and count as INFO, so LogLevel is set on the logger beneath.
_beneath = logging.getLogger(log.name)
_beneath.setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL") or logging.INFO)


def log_call(message: str, *, system: str, **fields: Any) -> None:
    """Write what happened, and in the same line what was counted of a system meanwhile."""
    counted = _embedded(system)
    if _beneath.isEnabledFor(logging.INFO):
        log.info(message, stacklevel=3, **{**fields, "system": system, **counted})
    elif counted:
        _print(counted)


def count(system: str, name: str, number: int = 1) -> None:
    """Add to a counter of the system (`Delivered`, `Queued`, `Rejected`, …)."""
    _note(system, name, float(number))


def took(system: str, seconds: float) -> None:
    """Record how long an upstream took, answer or none."""
    _note(system, "UpstreamLatency", seconds * 1000)


def flush(system: str) -> None:
    """Write what was counted in a line of its own."""
    if counted := _embedded(system):
        _print(counted)


def _note(system: str, name: str, value: float) -> None:
    with _alone:
        values = _counted.setdefault(system, {}).setdefault(name, [])
        values.append(value)
        # Taken at once: until it were, other threads could add more.
        full = _counted.pop(system) if len(values) >= MAX_VALUES else None
    if full is not None:
        _print(_described(system, full))


def _embedded(system: str) -> dict[str, Any]:
    """What was counted of a system, in the embedded metric format; nothing if nothing was."""
    with _alone:
        counted = _counted.pop(system, None)
    return {} if counted is None else _described(system, counted)


def _described(system: str, counted: dict[str, list[float]]) -> dict[str, Any]:
    metrics = [
        {"Name": name, "Unit": "Milliseconds" if name == "UpstreamLatency" else "Count"} for name in counted
    ]
    # `system` is the only dimension: by endpoint the metrics of thirty functions would cost $30 a month, and
    # the endpoint is a field of every log line.
    described = {"Namespace": _NAMESPACE, "Dimensions": [["system"]], "Metrics": metrics}
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}
    return {"_aws": about, "system": system, **counted}


def _places(error: BaseException | None) -> str:
    """The types and the places of an exception and of those that it came from, the first one first.

    Never their messages: `invalid literal for int(): '…'` quotes data.
    """
    lines: list[str] = []
    while error is not None:
        lines.insert(0, "".join([*traceback.format_tb(error.__traceback__), type(error).__name__]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def _trace_id() -> str | None:
    """The X-Ray trace that Lambda's runtime names before each call."""
    root = os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0]
    return root.removeprefix("Root=") or None


def _print(line: dict[str, Any]) -> None:
    text = _JSON.encode(line) + "\n"
    with _alone:
        sys.stdout.write(text)
        sys.stdout.flush()
