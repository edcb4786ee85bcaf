"""What an operator did to events, counted where the gateway's own counts are."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from tools.operator.output import note
from tools.operator.stack import Stack


def tally(stack: Stack, system: str, name: str, number: int) -> None:
    """Add to a system's metric. A failure is told and changes nothing: what was done is done."""
    if number == 0:
        return
    metric = {
        "MetricName": name,
        "Dimensions": [{"Name": "system", "Value": system}],
        "Value": number,
        "Unit": "Count",
    }
    try:
        stack.client("cloudwatch").put_metric_data(Namespace=stack.metrics, MetricData=[metric])
    except (ClientError, BotoCoreError) as error:
        note(f"{number} {system} events are not in the metric {name}: {error}", "yellow")
