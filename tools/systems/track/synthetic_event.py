"""One synthetic event of track's, followed through its answer, its log line and its metric to its row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from gateway.core.errors import UpstreamError
from gateway.core.task import new_event_id
from tools.errors import CommandError
from tools.operator.doctor.api_client import NoAnswer
from tools.operator.doctor.deep.cleanup import Cleanup
from tools.operator.doctor.deep.polling import Polling
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Level, Row, finding, ok, skipped, unknown, warning
from tools.systems.track.synthetic_row import Stored, stored

PATH = "/v1/track/session"
METRIC = "Accepted"
LOG_SECONDS = 90.0
METRIC_SECONDS = 300.0


def plan(deployment: Deployment) -> str:
    """What `event` is about to write, in a line."""
    store = deployment.stack.parameters.get("EventStore", "").partition(":")[0]
    return (
        f"a session event of track's, SessionID doctor…, into its event store ({store}), and "
        "removed from there. Metrics and the log keep what they counted and wrote."
    )


def event(deployment: Deployment, cleanup: Cleanup, polling: Polling) -> Iterator[Row]:
    """Send it, and look for it everywhere that it must be seen."""
    session = f"doctor{new_event_id()}"
    store = stored(deployment, session, polling)
    try:
        store.prepare()
    except (UpstreamError, CommandError) as error:
        why = error.reason if isinstance(error, UpstreamError) else str(error)
        do = "run it where the database can be reached: from here nobody could remove the event"
        yield skipped("synthetic event", f"not sent, as the event store cannot be asked ({why})", do)
        return
    cleanup.add(f"session {session} of track", store.remove)
    started = datetime.now(UTC)
    store.may_arrive = True
    row, event_id = _sent(deployment, session)
    store.may_arrive = event_id is not None or row.level is Level.UNKNOWN
    yield row
    if event_id is None:
        return
    yield _logged(deployment, event_id, started, polling)
    yield _stored(deployment, store, polling)
    yield _counted(deployment, started, polling)


def _sent(deployment: Deployment, session: str) -> tuple[Row, str | None]:
    body = {
        "Region": "ZZ",  # no country's
        "SessionID": session,
        "RemoteIP": "192.0.2.1",  # RFC 5737: for documentation
        "SessionType": "doctor",
        "Message": "trackgate doctor",
    }
    headers = [("Content-Type", "application/json")]
    if deployment.key:
        headers.append(("X-API-Key", deployment.key))
    what = f"synthetic event: POST {PATH}"
    queued = deployment.stack.parameter("track", "Delivery") == "queued"
    expected = f"201, {'queued' if queued else 'delivered'}"
    try:
        answer = deployment.api.ask("POST", PATH, headers, json.dumps(body).encode())
    except NoAnswer as error:
        return unknown(what, f"no answer: {error or type(error).__name__}", "run it again"), None
    delivery = answer.headers.get("gateway-delivery", "")
    seen = f"{answer.status}, {delivery}" if answer.status == 201 else answer.summary
    event_id = answer.headers.get("gateway-event-id")
    if answer.status in (401, 403):
        return finding(what, expected, seen, "put a client key in TRACKGATE_CLIENT_KEY"), None
    if answer.status != 201 or event_id is None:
        return finding(what, expected, seen, "look for track in the log group"), None
    if seen != expected:
        do = "the event store did not take it at once: look for track in the log group"
        return warning(what, expected, seen, do), event_id
    return ok(what, expected, seen), event_id


def _lines(deployment: Deployment, pattern: str, since: datetime) -> list[str]:
    pages = deployment.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(
        logGroupName=deployment.stack.outputs["FunctionLogGroup"],
        filterPattern=pattern,
        startTime=int(since.timestamp() * 1000),
    )
    return [each["message"] for page in found for each in page["events"]]


def _logged(deployment: Deployment, event_id: str, since: datetime, polling: Polling) -> Row:
    what, expected = f"log line of {event_id}", "one"
    if deployment.stack.parameters.get("LogLevel") in ("WARN", "ERROR"):
        return skipped(what, "LogLevel leaves out the lines of calls")
    found = polling.wait(lambda: _lines(deployment, f'"{event_id}"', since) or None, seconds=LOG_SECONDS)
    if found:
        return ok(what, expected, "there")
    do = "functions log elsewhere, or not at all: compare their LoggingConfig with FunctionLogGroup"
    return finding(what, expected, f"none in {LOG_SECONDS:.0f} s", do)


def _stored(deployment: Deployment, store: Stored, polling: Polling) -> Row:
    what, expected = f"row: {store.where}", "once"
    number = polling.wait(lambda: store.count() or None, seconds=store.seconds)
    if number is None:
        do = "look at the dead letters of track, and at what its worker logs"
        if deployment.stack.outputs.get("TrackBucketName"):
            do = "look at failed/ in its bucket, and at the stream's log group (TrackStreamLogs)"
        return finding(what, expected, f"not in {store.seconds:.0f} s", do)
    if number > 1:
        return finding(what, expected, f"{number} times", "the unique index on GatewayEventID: make migrate")
    return ok(what, expected, "once")


def _counted(deployment: Deployment, since: datetime, polling: Polling) -> Row:
    namespace = deployment.stack.metrics
    what, expected = f"metric {METRIC} of track in {namespace}", "at least 1 since"
    local = deployment.stack.local
    look = _metric_line if local else _metric
    number = polling.wait(lambda: look(deployment, since) or None, seconds=METRIC_SECONDS)
    if number:
        return ok(what, expected, f"{number}{', as its log line says' if local else ''}")
    do = "alarms see nothing: compare the namespace of the functions' metric lines with that of the alarms"
    return finding(what, expected, f"none in {METRIC_SECONDS:.0f} s", do)


def _metric(deployment: Deployment, since: datetime) -> int:
    """What CloudWatch has counted."""
    metric = {
        "Namespace": deployment.stack.metrics,
        "MetricName": METRIC,
        "Dimensions": [{"Name": "system", "Value": "track"}],
    }
    (found,) = deployment.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "events", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}],
        StartTime=since.replace(second=0, microsecond=0),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
    )["MetricDataResults"]
    return int(sum(found["Values"]))


def _metric_line(deployment: Deployment, since: datetime) -> int:
    """What the lines say from which CloudWatch would count; the local AWS does not read them."""
    total = 0.0
    for line in _lines(deployment, f'"_aws" "{METRIC}"', since):
        found = json.loads(line)
        spaces = {each["Namespace"] for each in found["_aws"]["CloudWatchMetrics"]}
        if found.get("system") == "track" and spaces == {deployment.stack.metrics}:
            total += sum(found[METRIC])
    return int(total)
