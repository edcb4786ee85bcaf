"""Logs and metrics: one structured line a call, without bodies, credentials, people's ids or queries.

What Lambda makes of a line: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""

import logging
import os
import threading
import traceback
from functools import cache
from types import TracebackType

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from gateway import __version__

# At DEBUG it would log the path and the query of every request to an upstream.
logging.getLogger("urllib3").setLevel(logging.INFO)

type _Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutValues(LambdaPowertoolsFormatter):
    """Logs where an exception came from, never its message: `invalid literal for int(): '…'` quotes data."""

    def __init__(self) -> None:
        """Lambda takes a line whose time is not RFC 3339 for INFO; the other stack trace has the text too."""
        super().__init__(use_rfc3339=True, serialize_stacktrace=False)

    def formatException(self, ei: _Raised) -> str:
        """The types and the places of an exception and of those that it came from, the first one first."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines.insert(0, "".join([*traceback.format_tb(error.__traceback__), type(error).__name__]))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


log = Logger(service="trackgate", version=__version__, logger_formatter=WithoutValues())
# Powertools lets Lambda's ApplicationLogLevel override any other level. That one stays INFO, since metric
# lines have no level and count as INFO, so LogLevel is set on the logger beneath.
logging.getLogger(log.name).setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL") or logging.INFO)


_counting = threading.Lock()
"""A worker's threads count side by side."""


@cache
def _metrics(system: str) -> AmazonCloudWatchEMFProvider:
    # `system` is the only dimension: by endpoint the metrics of thirty functions would cost $30 a month, and
    # the endpoint is a field of every log line. The provider itself, as `Metrics` shares one set a process.
    metrics = AmazonCloudWatchEMFProvider(
        namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "trackgate"), metric_set={}, dimension_set={}
    )
    metrics.set_default_dimensions(system=system)
    return metrics


def count(system: str, name: str, number: int = 1) -> None:
    """Add to a counter of the system (`Delivered`, `Queued`, `Rejected`, …)."""
    with _counting:
        _metrics(system).add_metric(name, MetricUnit.Count, number)


def took(system: str, seconds: float) -> None:
    """Record how long an upstream took, answer or none."""
    with _counting:
        _metrics(system).add_metric("UpstreamLatency", MetricUnit.Milliseconds, seconds * 1000)


def flush(system: str) -> None:
    """Write what was counted as one EMF line on standard output; CloudWatch reads it from the log."""
    with _counting:
        metrics = _metrics(system)
        if metrics.metric_set:
            metrics.flush_metrics()
