"""Logs and metrics: one structured line a call, without bodies, credentials, people's ids or queries."""

import os
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from gateway import __version__

log = Logger(service="trackgate", version=__version__)


@cache
def _metrics(system: str) -> AmazonCloudWatchEMFProvider:
    # `system` is the only dimension: by endpoint the metrics of thirty functions would cost $30 a month, and
    # the endpoint is a field of every log line. The provider itself, as `Metrics` shares one set a process.
    metrics = AmazonCloudWatchEMFProvider(
        namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Trackgate"), metric_set={}, dimension_set={}
    )
    metrics.set_default_dimensions(system=system)
    return metrics


def count(system: str, name: str, number: int = 1) -> None:
    """Add to a counter of the system (`Delivered`, `Queued`, `Rejected`, …)."""
    _metrics(system).add_metric(name, MetricUnit.Count, number)


def took(system: str, seconds: float) -> None:
    """Record how long an upstream took, answer or none."""
    _metrics(system).add_metric("UpstreamLatency", MetricUnit.Milliseconds, seconds * 1000)


def flush(system: str) -> None:
    """Write what was counted as one EMF line on standard output; CloudWatch reads it from the log."""
    metrics = _metrics(system)
    if metrics.metric_set:
        metrics.flush_metrics()
