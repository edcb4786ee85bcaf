"""Lambda: that every function is active and of one release, and that its log group is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, finding, ok, warning

RELEASE = "TRACKGATE_VERSION"


def functions(deployment: Deployment) -> Iterator[Row]:
    """States, releases, the log group."""
    found = deployment.functions
    expected = "Active, last update Successful"
    bad = [(name, *why) for name, each in found.items() if (why := _state(each))]
    for name, state, reason in bad:
        if state == "Inactive":
            do = "it has been idle for weeks; its first call takes longer"
            yield warning(f"function {name}", expected, state, do)
        else:
            yield finding(f"function {name}", expected, f"{state}: {reason}", "fix that, and deploy again")
    if not bad:
        yield ok("functions", expected, f"all {len(found)}")
    yield _releases(deployment, found)
    yield _logs(deployment)


def _state(function: dict[str, Any]) -> tuple[str, str] | None:
    state, update = function.get("State", "Active"), function.get("LastUpdateStatus", "Successful")
    if state != "Active":
        return state, function.get("StateReason", "no reason given")
    if update != "Successful":
        return f"update {update}", function.get("LastUpdateStatusReason", "no reason given")
    return None


def _releases(deployment: Deployment, functions: dict[str, dict[str, Any]]) -> Row:
    release = deployment.stack.outputs.get("Version", "")
    what, expected = "functions' release", f"{release}, the stack's"
    others = {
        name: version
        for name, each in functions.items()
        if (version := each.get("Environment", {}).get("Variables", {}).get(RELEASE, "none")) != release
    }
    if not others:
        return ok(what, expected, f"all {len(functions)}")
    seen = ", ".join(f"{name} {version}" for name, version in others.items())
    do = "a deployment stopped half-way: deploy again; or a function was edited by hand: undo that by hand"
    return finding(what, expected, seen, do)


def _logs(deployment: Deployment) -> Row:
    group = deployment.stack.outputs["FunctionLogGroup"]
    days = int(deployment.number("LogRetentionDays"))
    what, expected = "log group", f"{group}, kept {days} days"
    # A deployment does not notice what happened to it by hand.
    keep = f"aws logs put-retention-policy --log-group-name {group} --retention-in-days {days}"
    pages = deployment.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    found = next((each for each in pages if each["logGroupName"] == group), None)
    if found is None:
        do = f"metrics are lost, too: aws logs create-log-group --log-group-name {group} && {keep}"
        return finding(what, expected, "absent", do)
    kept = found.get("retentionInDays")
    if kept != days:
        seen = f"kept {kept} days" if kept else "kept for ever"
        return warning(what, expected, seen, f"it was changed by hand: {keep}, or set LogRetentionDays")
    return ok(what, expected, "there")
