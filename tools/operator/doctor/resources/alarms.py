"""Alarms: none should be in ALARM, and somebody must be notified when one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from tools.failures.aws import Failures, code
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, finding, ok, skipped, warning

_NAMES_A_CALL = 100

_RESTORE = "deleted by hand, which no deployment notices: deploy with Monitoring=off, then as before"
"""Only what leaves the stack and comes back is created again:
https://repost.aws/knowledge-center/cfn-recreate-resource-deleted-outside"""


def alarms(deployment: Deployment) -> Iterator[Row]:
    """Their number, states, actions and topics."""
    names = deployment.stack.of_type("AWS::CloudWatch::Alarm")
    if not names:
        do = "nobody is told of a failure: deploy with Monitoring=alarms or all"
        yield warning("alarms", "at least one", "none", do)
        return
    cloudwatch = deployment.client("cloudwatch")
    found = [
        alarm
        for some in batched(names.values(), _NAMES_A_CALL, strict=False)
        for alarm in cloudwatch.describe_alarms(AlarmNames=list(some), MaxRecords=100)["MetricAlarms"]
    ]
    ids = {id: name for name, id in names.items()}
    yield _exist(ids, found)
    if deployment.stack.local:
        yield skipped("alarms' states and topic", "not on the local AWS: alarms are not evaluated")
        return
    yield from _states(ids, found)
    yield from _actions(deployment, ids, found)


def _exist(ids: dict[str, str], found: Sequence[dict[str, Any]]) -> Row:
    lost = sorted(name for id, name in ids.items() if id not in {alarm["AlarmName"] for alarm in found})
    if lost:
        seen = f"no {', '.join(lost)}"
        return finding("alarms", f"{len(ids)}", seen, _RESTORE)
    return ok("alarms", f"{len(ids)}", f"{len(found)}")


def _states(ids: dict[str, str], found: Sequence[dict[str, Any]]) -> Iterator[Row]:
    firing = [alarm for alarm in found if alarm["StateValue"] == "ALARM"]
    for alarm in firing:
        what = f"alarm {ids[alarm['AlarmName']]}"
        yield finding(what, "OK", "ALARM", alarm.get("AlarmDescription", ""))
    if not firing:
        yield ok("alarms' states", "none in ALARM", "none")


def _actions(deployment: Deployment, ids: dict[str, str], found: Sequence[dict[str, Any]]) -> Iterator[Row]:
    off = [ids[alarm["AlarmName"]] for alarm in found if not alarm.get("ActionsEnabled", True)]
    if off:
        do = "aws cloudwatch enable-alarm-actions --alarm-names …"
        yield finding("alarms' actions", "enabled", f"disabled: {', '.join(sorted(off))}", do)
    topics = sorted({topic for alarm in found for topic in alarm.get("AlarmActions", [])})
    silent = [ids[alarm["AlarmName"]] for alarm in found if not alarm.get("AlarmActions")]
    if silent:
        seen = "none" if not topics else f"none of {', '.join(sorted(silent))}"
        do = "alarms notify nobody: deploy with AlarmTopicArn"
        yield warning("alarms' topic", "an SNS topic", seen, do)
    own = {alarm["AlarmArn"].split(":")[4] for alarm in found if "AlarmArn" in alarm}
    for topic in topics:
        if topic.split(":")[4] not in own:
            yield skipped(f"topic {topic}", "in another account: check its subscriptions there")
        else:
            yield _topic(deployment, topic)


def _topic(deployment: Deployment, topic: str) -> Row:
    what, expected = f"topic {topic.rpartition(':')[2]}", "a confirmed subscription"
    if ":sns:" not in topic:
        return ok(what, "an action other than a topic", topic)
    try:
        found = deployment.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    except Failures as error:
        if code(error) not in ("NotFound", "NotFoundException"):
            raise
        do = "alarms notify nobody: create the topic, or deploy with another AlarmTopicArn"
        return finding(what, expected, "absent", do)
    confirmed, pending = int(found["SubscriptionsConfirmed"]), int(found["SubscriptionsPending"])
    seen = f"{confirmed} confirmed, {pending} pending"
    if confirmed:
        return ok(what, expected, seen)
    return finding(what, expected, seen, f"alarms notify nobody: subscribe to it and confirm ({topic})")
