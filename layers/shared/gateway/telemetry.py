"""Logs and metrics: one structured line a call, without bodies, credentials, people's ids or queries."""

import os

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from gateway import __version__

__all__ = ["MetricUnit", "log", "metrics_of"]

log = Logger(service="trackgate", version=__version__, log_uncaught_exceptions=False)


def metrics_of(system: str) -> Metrics:
    """The metrics of one system. `system` is the only dimension: by endpoint they would cost $30 a month,
    and the endpoint is a field of every log line."""
    metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Trackgate"))
    metrics.set_default_dimensions(system=system)
    return metrics
