"""What a month's events use of each price: requests, seconds, bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from tools.operator.cost.use import GB, HOURS, Use
from tools.systems.registry import part, profile

CALL_SECONDS = 0.01
"""What a call takes besides its vendor: some 2 ms of a whole core, of which 512 MB have a share."""

RECORD_SECONDS = 0.005
"""A write to DynamoDB."""

STORE_SECONDS = 0.03
"""What a store of our own takes: a PutRecordBatch, or a commit."""

BATCH = 10
"""Messages that a worker gets at once, on average; a batch is only full while there is a backlog."""

CALL_LOG_BYTES = {"DEBUG": 800, "INFO": 800, "WARN": 400, "ERROR": 400}
"""A call's log line with its metrics, or the metrics alone, with the 26 bytes that CloudWatch adds to each
line; by `LogLevel`."""

PASS_LOG_BYTES = {"DEBUG": 500, "INFO": 500, "WARN": 50, "ERROR": 50}
"""The same of an event that a worker receives; a batch has one line of metrics."""

ACCESS_LOG_BYTES = 400
"""An access log line, with its 26 bytes."""

STORED_SHARE = 0.15
"""What is left of a log when it is stored, compressed."""

ANSWER_BYTES = 800
"""An answer to an app: headers, and a small body."""

REQUEST_BYTES = 900
"""A request to a vendor besides the event: headers, signature, TLS."""

RECORD_BYTES = 600
"""An idempotency record with its answer."""

METRICS = 10
"""Metrics that a system in use writes."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """A month's. Shares are from 0 to 1; `latency` is the vendors', in seconds.

    `size`: bytes of an event's body. `per_request`: events per call, more than one by the batch doors.
    `attempts`: how often a worker receives a queued event. `stored`: the share that goes to systems without a
    vendor, which keep their events themselves.
    """

    events: float
    size: int = 600
    latency: float = 0.2
    per_request: int = 1
    queued: float = 0.01
    keyed: float = 0.05
    attempts: float = 3
    stored: float = 0.2

    @property
    def requests(self) -> float:
        """Calls that the apps make."""
        return self.events / self.per_request

    @property
    def in_queue(self) -> float:
        """Events that are queued: those whose vendor or store failed, and those of vendors that come through
        a batch door."""
        relayed = self.queued if self.per_request == 1 else 1
        return self.events * (1 - self.stored) * relayed + self.rows_in_queue

    @property
    def rows_in_queue(self) -> float:
        """Of these, those that are stored in the end."""
        return self.events * self.stored * self.queued

    @property
    def passes(self) -> float:
        """Receipts of queued events by workers: one for each, and more for those whose vendor failed."""
        return self.in_queue + self.events * self.queued * (self.attempts - 1)


def uses(traffic: Traffic, settings: Mapping[str, str], systems: Sequence[str]) -> Iterator[Use]:
    """What the traffic uses. `settings`: every parameter of the template; `systems`: those that are on.

    A system that keeps its events says in `tools/systems/<name>/cost.py` what they use.
    """
    if not traffic.events or not systems:
        return
    keeping = [system for system in systems if profile(system).vendor is None]
    traffic = traffic if keeping else replace(traffic, stored=0)
    yield from _calls(traffic, settings)
    yield from _records(traffic)
    yield from _queue(traffic)
    yield from _logs(traffic, settings)
    yield Use(what="metrics", price="metrics", quantity=METRICS * len(systems))
    if settings["Tracing"] == "on":
        # X-Ray samples one call per second, and 5% of the others.
        seconds = HOURS * 3600
        traced = min(traffic.requests, seconds) + 0.05 * max(0.0, traffic.requests - seconds)
        yield Use(what="X-Ray traces", price="traces", quantity=traced)
    if settings["WafRateLimit"] != "off":
        yield Use(what="requests through the web ACL", price="web_acl_requests", quantity=traffic.requests)
    stored = traffic.events * traffic.stored
    out = traffic.requests * ANSWER_BYTES + (traffic.events - stored) * (REQUEST_BYTES + traffic.size)
    yield Use(what="data sent to apps and vendors", price="transfer_out", quantity=out / GB)
    for system in keeping:
        if own := part(system, "cost"):
            yield from own.uses(settings, stored / len(keeping), traffic.size)


def busy(traffic: Traffic) -> float:
    """Execution environments that are busy all month, on average; at least one."""
    seconds = traffic.requests * _seconds(traffic)
    return max(1.0, seconds / (HOURS * 3600))


def _seconds(traffic: Traffic) -> float:
    """What a call takes: a batch door only queues, unless its system stores many at once."""
    upstream = (1 - traffic.stored) * traffic.latency + traffic.stored * STORE_SECONDS
    if traffic.per_request > 1:
        upstream = STORE_SECONDS * ceil(traffic.per_request / 10)
    return CALL_SECONDS + upstream + 2 * traffic.keyed * RECORD_SECONDS


def _calls(traffic: Traffic, settings: Mapping[str, str]) -> Iterator[Use]:
    memory = float(settings.get("MemorySize", 512)) / 1024
    batches = traffic.passes / BATCH
    # The sends of a batch go side by side.
    seconds = traffic.requests * _seconds(traffic) + batches * (CALL_SECONDS + traffic.latency)
    yield Use(what="API Gateway", price="api_requests", quantity=traffic.requests)
    yield Use(what="Lambda requests", price="lambda_requests", quantity=traffic.requests + batches)
    architecture = f"lambda_{settings['Architecture']}"
    yield Use(what="Lambda duration", price=architecture, quantity=seconds * memory)


def _records(traffic: Traffic) -> Iterator[Use]:
    environments = busy(traffic)
    # A worker claims what is queued, except rows without a key.
    claimed = traffic.in_queue - (1 - traffic.keyed) * traffic.rows_in_queue
    recorded = traffic.events * traffic.keyed + claimed
    yield Use(what="claims and records", price="dynamodb_writes", quantity=2 * recorded)
    # Each environment reads the hold every ten seconds, the secret every minute, the table's key every five.
    yield Use(what="hold read", price="dynamodb_reads", quantity=environments * HOURS * 360)
    yield Use(what="KMS requests of the tables", price="kms_requests", quantity=environments * HOURS * 12)
    yield Use(what="secrets read", price="secret_reads", quantity=environments * HOURS * 60)
    yield Use(
        what="records kept for a day",
        price="dynamodb_storage",
        quantity=recorded * RECORD_BYTES / GB / 30,
    )


def _queue(traffic: Traffic) -> Iterator[Use]:
    chunks = ceil((traffic.size + 500) / 65_536)
    sends = traffic.in_queue * chunks / (1 if traffic.per_request == 1 else min(traffic.per_request, 10))
    # Received and deleted by the batch, but postponed one by one.
    receipts = traffic.passes * chunks / BATCH + traffic.in_queue / BATCH
    postponed = traffic.passes - traffic.in_queue
    yield Use(what="queued events", price="sqs_requests", quantity=sends + receipts + postponed)


def _logs(traffic: Traffic, settings: Mapping[str, str]) -> Iterator[Use]:
    level = settings["LogLevel"]
    functions = (traffic.requests * CALL_LOG_BYTES[level] + traffic.passes * PASS_LOG_BYTES[level]) / GB
    access = 0.0 if settings["ApiGatewayLogs"] == "off" else traffic.requests * ACCESS_LOG_BYTES / GB
    months = float(settings["LogRetentionDays"]) / 30
    yield Use(what="functions' logs", price="function_logs", quantity=functions)
    yield Use(what="access logs", price="access_logs", quantity=access)
    kept = (functions + access) * STORED_SHARE * months
    yield Use(what="stored logs", price="log_storage", quantity=kept)
