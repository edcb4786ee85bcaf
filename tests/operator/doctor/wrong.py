"""What can be wrong with a stack and its account: how it shows, and what the doctor says of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.operator.doctor.aws import MAPPING, TOPIC, Answer, Refusal, alarm

type Change = Callable[[dict[str, Any]], None]


def stack(**changed: Any) -> Change:
    """The stack's description, changed; parameters and outputs by name."""

    def change(answers: dict[str, Any]) -> None:
        (found,) = answers["DescribeStacks"]["Stacks"]
        found["StackStatus"] = changed.get("status", found["StackStatus"])
        for kind, key in (("Parameters", "Parameter"), ("Outputs", "Output")):
            for name, value in changed.get(kind, {}).items():
                found[kind] = [each for each in found[kind] if each[f"{key}Key"] != name]
                if value is not None:
                    found[kind].append({f"{key}Key": name, f"{key}Value": value})

    return change


def answer(operation: str, answer: Answer) -> Change:
    return lambda answers: answers.update({operation: answer})


def secret(text: str) -> Change:
    return answer("GetSecretValue", {"SecretString": text, "VersionId": "v" * 32})


def waiting(visible: int, held: int = 0) -> Change:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    attributes = dict(zip(names, (str(visible), str(held)), strict=True))
    return answer("GetQueueAttributes", {"Attributes": attributes})


def functions(**changed: Any) -> Change:
    return lambda answers: answers["GetFunctionConfiguration"].update(changed)


def both(first: Change, second: Change) -> Change:
    def change(answers: dict[str, Any]) -> None:
        first(answers)
        second(answers)

    return change


def held(*, for_seconds: float) -> Change:
    """An operator holds the systems until so long from now."""
    until = time.time() + for_seconds
    times = {"since": {"N": f"{until - 7200:.0f}"}, "until": {"N": f"{until:.0f}"}}
    return answer("GetItem", {"Item": times})


def resources(**changed: None) -> Change:
    """Without these resources."""

    def change(answers: dict[str, Any]) -> None:
        found = answers["ListStackResources"]
        found["StackResourceSummaries"] = [
            each for each in found["StackResourceSummaries"] if each["LogicalResourceId"] not in changed
        ]

    return change


def concurrency(total: int) -> Change:
    limit = {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": total}
    return answer("GetAccountSettings", {"AccountLimit": limit})


def alarms(**changed: Any) -> Change:
    def change(answers: dict[str, Any]) -> None:
        found = answers["DescribeAlarms"]["MetricAlarms"]
        found[0] = alarm(found[0]["AlarmName"], **changed)

    return change


DENIED = Refusal(
    "AccessDeniedException",
    "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: lambda:GetAccountSettings on "
    "resource: * because no identity-based policy allows the lambda:GetAccountSettings action",
)
OLD = {"Variables": {"TRACKGATE_VERSION": "0.0.9"}}
NO_KEYS = '{"credentials": {"*": "c"}, "client_keys": []}'
OVER = '{"credentials": {"*": "c"}, "client_keys": [{"id": "k", "expires": 1000}]}'
SOON = '{"credentials": {"*": "c"}, "client_keys": [{"id": "k", "name": "ios", "expires": %d}]}'

WRONG: dict[str, tuple[Change, str, str, str, str]] = {
    "the last deployment failed": (
        stack(status="UPDATE_ROLLBACK_FAILED"),
        "stack trackgate",
        "finding",
        "UPDATE_ROLLBACK_FAILED",
        "events",
    ),
    "the last deployment was undone": (
        stack(status="UPDATE_ROLLBACK_COMPLETE"),
        "stack trackgate",
        "warning",
        "UPDATE_ROLLBACK_COMPLETE",
        "deploy again",
    ),
    "a deployment is under way": (
        stack(status="UPDATE_IN_PROGRESS"),
        "stack trackgate",
        "finding",
        "UPDATE_IN_PROGRESS",
        "wait",
    ),
    "another release": (
        both(stack(Outputs={"Version": "0.0.9"}), functions(Environment=OLD)),
        "release",
        "warning",
        "0.0.9",
        "deploy this checkout",
    ),
    "a function of another release": (
        functions(Environment=OLD),
        "functions' release",
        "finding",
        "TrackRedeliver 0.0.9",
        "deploy again",
    ),
    "a function that failed": (
        functions(State="Failed", StateReason="the image is gone"),
        "function TrackRedeliver",
        "finding",
        "Failed: the image is gone",
        "deploy again",
    ),
    "a function that slept": (
        functions(State="Inactive"),
        "function TrackRedeliver",
        "warning",
        "Inactive",
        "first call",
    ),
    "a function's update failed": (
        functions(LastUpdateStatus="Failed", LastUpdateStatusReason="no subnet"),
        "function TrackRedeliver",
        "finding",
        "update Failed: no subnet",
        "deploy again",
    ),
    "no log group": (
        answer("DescribeLogGroups", {"logGroups": []}),
        "log group",
        "finding",
        "absent",
        "aws logs create-log-group --log-group-name",
    ),
    "logs kept for ever": (
        answer("DescribeLogGroups", {"logGroups": [{"logGroupName": "logs"}]}),
        "log group",
        "warning",
        "for ever",
        "aws logs put-retention-policy --log-group-name",
    ),
    "a fresh account": (
        concurrency(10),
        "Lambda concurrency",
        "finding",
        "10, 10 unreserved",
        "DeliveryConcurrency",
    ),
    "a small account": (
        concurrency(110),
        "Lambda concurrency",
        "warning",
        "10 calls per second",
        "L-B99A9384",
    ),
    "a busy account": (
        answer("GetMetricStatistics", {"Datapoints": [{"Timestamp": "2026-01-01", "Maximum": 900.0}]}),
        "Lambda concurrency, last day",
        "warning",
        "900 at once",
        "request more",
    ),
    "an account that throttles first": (
        stack(Parameters={"ThrottleRate": "20000"}),
        "API Gateway throttling",
        "warning",
        "10000",
        "lower",
    ),
    "no role for access logs": (
        answer("GetAccount", {"throttleSettings": {"rateLimit": 10000.0, "burstLimit": 5000}}),
        "access logs",
        "finding",
        "none",
        "ApiGatewayLogs=create",
    ),
    "an event source that is off": (
        answer("GetEventSourceMapping", {"UUID": MAPPING, "State": "Disabled"}),
        "track event source",
        "finding",
        "Disabled",
        "bin/trackgate resume --system track --stack trackgate",
    ),
    "an event source that was deleted": (
        resources(TrackRedeliverSource=None),
        "track event source",
        "finding",
        "unknown",
        "has no event source",
    ),
    "an event source that changes": (
        answer("GetEventSourceMapping", {"UUID": MAPPING, "State": "Disabling"}),
        "track event source",
        "warning",
        "Disabling",
        "in a minute",
    ),
    "a system on hold": (
        both(held(for_seconds=3600), answer("GetEventSourceMapping", {"UUID": MAPPING, "State": "Disabled"})),
        "track event source",
        "warning",
        "Disabled, on hold until",
        "bin/trackgate resume --system track",
    ),
    "a hold that was interrupted": (
        held(for_seconds=3600),
        "track event source",
        "warning",
        "Enabled, on hold until",
        "bin/trackgate resume --system track",
    ),
    "a hold that is over": (
        both(held(for_seconds=-60), answer("GetEventSourceMapping", {"UUID": MAPPING, "State": "Disabled"})),
        "track event source",
        "finding",
        "although the hold ended",
        "bin/trackgate resume --system track",
    ),
    "a hold that nobody can read": (
        answer("GetItem", {"Item": {"since": {"S": "yesterday"}}}),
        "track event source",
        "finding",
        "unknown",
        "malformed",
    ),
    "an event source that fails": (
        answer(
            "GetEventSourceMapping",
            {"UUID": MAPPING, "State": "Enabled", "LastProcessingResult": "PROBLEM: Lambda internal error"},
        ),
        "track event source",
        "finding",
        "PROBLEM",
        "log group",
    ),
    "dead letters": (waiting(2), "track dead letters", "finding", "2", "deadletters list --system track"),
    "dead letters that are held": (
        waiting(0, 3),
        "track dead letters",
        "finding",
        "3 of them in use",
        "list",
    ),
    "an old message": (
        answer("GetMetricStatistics", {"Datapoints": [{"Timestamp": "2026-01-01", "Maximum": 7300.0}]}),
        "track oldest event",
        "finding",
        "2 h",
        "event source",
    ),
    "an alarm that rings": (
        alarms(StateValue="ALARM", AlarmDescription="Events were given up."),
        "alarm MyTrackerDeadLettersAlarm",
        "finding",
        "ALARM",
        "Events were given up.",
    ),
    "an alarm that was deleted": (
        answer("DescribeAlarms", {"MetricAlarms": []}),
        "alarms",
        "finding",
        "no MyTracker",
        "deploy with Monitoring=off, then as before",
    ),
    "a stack without alarms": (
        resources(
            **dict.fromkeys(
                f"{name}{kind}Alarm" for name in ("MyTracker", "Track") for kind in ("DeadLetters", "Setup")
            )
        ),
        "alarms",
        "warning",
        "none",
        "Monitoring=alarms",
    ),
    "an alarm whose actions are off": (
        alarms(ActionsEnabled=False),
        "alarms' actions",
        "finding",
        "MyTrackerDeadLetters",
        "enable-alarm",
    ),
    "an alarm without a topic": (
        alarms(AlarmActions=[]),
        "alarms' topic",
        "warning",
        "none of MyTrackerDead",
        "AlarmTopicArn",
    ),
    "a topic that nobody reads": (
        answer(
            "GetTopicAttributes", {"Attributes": {"SubscriptionsConfirmed": "0", "SubscriptionsPending": "1"}}
        ),
        "topic oncall",
        "finding",
        "1 pending",
        TOPIC,
    ),
    "a topic that is gone": (
        answer("GetTopicAttributes", Refusal("NotFound", "Topic does not exist", 404)),
        "topic oncall",
        "finding",
        "absent",
        "AlarmTopicArn",
    ),
    "an empty secret": (
        secret('{"credentials": {}, "client_keys": []}'),
        "mytracker credential",
        "finding",
        "none",
        "secrets set --system mytracker",
    ),
    "no client key": (secret(NO_KEYS), "mytracker client keys", "finding", "none", "keys create"),
    "expired client keys": (secret(OVER), "mytracker client keys", "finding", "1 expired", "keys create"),
    "a secret that nobody can read": (secret("x"), "secrets", "cannot tell", "not a JSON object", "stack"),
    "a missing right": (
        answer("GetAccountSettings", DENIED),
        "quotas",
        "cannot tell",
        "do not allow",
        "lambda:GetAccountSettings",
    ),
}
