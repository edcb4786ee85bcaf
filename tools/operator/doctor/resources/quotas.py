"""The account's quotas, compared with what the stack's settings can use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, finding, ok, skipped, warning

USUAL = 1000
"""Concurrent executions that AWS grants most accounts:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; new ones may have 10."""

BUSY = 0.8
"""Above this share of a quota in use, its owner should request more."""

_ASK = "request more: Service Quotas, AWS Lambda, Concurrent executions (L-B99A9384)"


def quotas(deployment: Deployment) -> Iterator[Row]:
    """Lambda's concurrency and API Gateway's throttling."""
    yield from _concurrency(deployment)
    account = deployment.client("apigateway").get_account()
    yield _throttling(deployment, account.get("throttleSettings") or {})
    yield _log_role(deployment, account.get("cloudwatchRoleArn", ""))


def _concurrency(deployment: Deployment) -> Iterator[Row]:
    limit = deployment.client("lambda").get_account_settings()["AccountLimit"]
    if deployment.stack.local:
        yield skipped("Lambda concurrency", "not on the local AWS: its quota is meaningless")
        return
    yield concurrency(
        total=int(limit["ConcurrentExecutions"]),
        unreserved=int(limit["UnreservedConcurrentExecutions"]),
        workers=len(deployment.stack.systems) * int(deployment.number("DeliveryConcurrency")),
        wait=deployment.number("WaitSeconds"),
    )
    yield _used(deployment, int(limit["ConcurrentExecutions"]))


def concurrency(*, total: int, unreserved: int, workers: int, wait: float) -> Row:
    """How many calls the quota allows: `workers` deliver from the queues, the rest handles calls.

    While a vendor hangs, each call to it takes `wait` seconds.
    """
    what = "Lambda concurrency"
    left = unreserved - workers
    expected = f"{USUAL}, AWS's usual quota, and more than the {workers} that workers may use"
    seen = f"{total}, {unreserved} unreserved"
    if left <= 0:
        do = f"workers alone can use all of it, and calls get 5xx: {_ASK}, or lower DeliveryConcurrency"
        return finding(what, expected, seen, do)
    carried = f"handles {left / wait:.0f} calls per second while a vendor hangs ({left} / {wait:g} s)"
    if unreserved < USUAL:
        return warning(what, expected, f"{seen}: {carried}", _ASK)
    return ok(what, expected, f"{seen}: {carried}")


def _used(deployment: Deployment, total: int) -> Row:
    what, expected = "Lambda concurrency, last day", f"under {BUSY:.0%} of {total}"
    now = datetime.now(UTC)
    found = deployment.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="ConcurrentExecutions",
        StartTime=now - timedelta(days=1),
        EndTime=now,
        Period=3600,
        Statistics=["Maximum"],
    )["Datapoints"]
    most = max((int(each["Maximum"]) for each in found), default=0)
    seen = f"{most} at once, for all functions in the account"
    return warning(what, expected, seen, _ASK) if most > BUSY * total else ok(what, expected, seen)


def _throttling(deployment: Deployment, account: dict[str, float]) -> Row:
    rate, burst = deployment.number("ThrottleRate"), deployment.number("ThrottleBurst")
    what, expected = "API Gateway throttling", f"at least ThrottleRate {rate:g}, ThrottleBurst {burst:g}"
    limit, most = account.get("rateLimit", 0), account.get("burstLimit", 0)
    seen = f"{limit:g} per second, {most:g} at once, for all APIs in the region"
    if rate <= limit and burst <= most:
        return ok(what, expected, seen)
    do = "the account's limit is lower: lower the settings, or request more (Service Quotas, API Gateway)"
    return warning(what, expected, seen, do)


def _log_role(deployment: Deployment, role: str) -> Row:
    what, wanted = "access logs", deployment.stack.parameters.get("ApiGatewayLogs", "off")
    if wanted == "off":
        return ok(what, "off", "ApiGatewayLogs=off")
    if role:
        return ok(what, "a role for API Gateway", role.rpartition("/")[2])
    do = "API Gateway writes none: deploy with ApiGatewayLogs=create once per account and region"
    return finding(what, "a role for API Gateway", "none", do)
