"""What a system's queue holds, and how fast it empties, read from AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from gateway.delivery.queue import CAP_SECONDS
from tools.operator import event_sources
from tools.operator.backlog import Backlog, Flow, backlog, flow, oldest_age
from tools.operator.drain.capacity import capacity
from tools.operator.event_sources import ENABLED, EventSource
from tools.operator.stack import Stack
from tools.operator.systems import known

ASSUMED_LATENCY = 0.2
"""Seconds that a vendor is taken to need if none answered within the last hour."""


@dataclass(frozen=True, kw_only=True)
class Draining:
    """A system's queue. `oldest` and `latency`, the vendor's in the last hour, are in seconds; None is
    unknown. `limit`: events per second that the settings allow, 0 for any number. `flow` is CloudWatch's;
    without it, `net` comes from two readings of the queue."""

    system: str
    queued: Backlog
    source: EventSource
    sends_at_once: int
    events_per_send: int
    limit: float
    oldest: float | None
    latency: float | None
    flow: Flow | None
    net: float
    """Messages per second by which the queue empties; negative while it grows."""

    @property
    def possible(self) -> float:
        """Messages per second that its workers can deliver while the vendor is well."""
        found = capacity(
            workers=self.source.concurrency,
            batch=self.source.batch_size,
            sends_at_once=self.sends_at_once,
            latency=self.latency or ASSUMED_LATENCY,
            events_per_send=self.events_per_send,
        )
        return min(found, self.limit or found)

    @property
    def empty_in(self) -> float | None:
        """Seconds until it is empty if it goes on like this; None if it does not empty.

        More messages in flight than workers hold means that some wait for their next attempt.
        """
        if not self.queued.all:
            return 0.0
        if self.net <= 0 or self.source.state != ENABLED:
            return None
        held = self.source.concurrency * self.source.batch_size
        return max(self.queued.all / self.net, CAP_SECONDS if self.queued.in_flight > held else 0.0)


def read_draining(
    stack: Stack, systems: Sequence[str], *, seconds: float, wait: Callable[[float], None]
) -> Iterator[Draining]:
    """Each system's. Where CloudWatch has no figures, its queue is read twice, `seconds` apart.

    Raises CommandError, botocore's errors.
    """
    sqs, cloudwatch = stack.client("sqs"), stack.client("cloudwatch")
    urls = {system: stack.queue(system) for system in systems}
    flows = {system: flow(cloudwatch, url) for system, url in urls.items()}
    first = {system: (monotonic(), backlog(sqs, url)) for system, url in urls.items()}
    if any(first[system][1].all for system in systems if flows[system] is None):
        wait(seconds)
    for system, url in urls.items():
        queued, measured = backlog(sqs, url), flows[system]
        at, before = first[system]
        net = measured.leaving - measured.arriving if measured else 0.0
        if measured is None and before.all != queued.all:
            net = (before.all - queued.all) / max(monotonic() - at, 0.001)
        yield Draining(
            system=system,
            queued=queued,
            source=event_sources.read(stack, system),
            sends_at_once=_sends_at_once(stack, system),
            events_per_send=known(system).upstream.at_once,
            limit=float(stack.parameter(system, "RequestsPerSecond") or 0),
            oldest=oldest_age(cloudwatch, url),
            latency=_latency(stack, system),
            flow=measured,
            net=net,
        )


def _sends_at_once(stack: Stack, system: str) -> int:
    """The stack's setting; a release that has none sends one after the other."""
    return int(stack.parameter(system, "SendsAtOnce") or stack.parameters.get("SendsAtOnce") or 1)


def _latency(stack: Stack, system: str) -> float | None:
    now = datetime.now(UTC)
    found = stack.client("cloudwatch").get_metric_statistics(
        Namespace=stack.metrics,
        MetricName="UpstreamLatency",
        Dimensions=[{"Name": "system", "Value": system}],
        StartTime=now - timedelta(hours=1),
        EndTime=now,
        Period=3600,
        Statistics=["Average"],
    )["Datapoints"]
    newest = max(found, key=lambda each: each["Timestamp"], default=None)
    return float(newest["Average"]) / 1000 if newest else None
