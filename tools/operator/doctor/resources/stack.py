"""The stack itself: CloudFormation has finished with it, and its release is this checkout's."""

from __future__ import annotations

from collections.abc import Iterator

from gateway import __version__
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.report import Row, finding, ok, warning
from tools.systems.registry import profiles

GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
ROLLED_BACK = ("UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE")
OUTPUTS = ("ApiId", "BaseUrl", "FunctionLogGroup", "Version")


def formation(deployment: Deployment) -> Iterator[Row]:
    """Status, outputs, release."""
    stack = deployment.stack
    (found,) = deployment.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    yield _status(stack.name, found["StackStatus"])
    missing = [name for name in OUTPUTS if name not in stack.outputs]
    if missing:
        yield finding("outputs", ", ".join(OUTPUTS), f"no {', '.join(missing)}", _NO_OUTPUTS)
    else:
        yield ok("outputs", "all that the tools use", f"{len(stack.outputs)} outputs")
    if stack.systems:
        yield ok("systems", "at least one on", ", ".join(stack.systems))
    else:
        switches = ", ".join(f"{profile.prefix}=on" for profile in profiles().values())
        yield finding("systems", "at least one on", "none", f"switch one on, and deploy again: {switches}")
    deployed = stack.outputs.get("Version", "unknown")
    what, expected = "release", f"{__version__}, this checkout's"
    if deployed == __version__:
        yield ok(what, expected, deployed)
    else:
        yield warning(what, expected, deployed, f"deploy this checkout, or use a checkout of {deployed}")


_NO_OUTPUTS = (
    "this stack is of another or an older template: deploy again, or name another stack with --stack"
)


def _status(name: str, status: str) -> Row:
    what, expected = f"stack {name}", " or ".join(GOOD[:2])
    if status in GOOD:
        return ok(what, expected, status)
    if status in ROLLED_BACK:
        do = "the last deployment failed and was undone: see the stack's events, then deploy again"
        return warning(what, expected, status, do)
    if status.endswith("_IN_PROGRESS"):
        return finding(what, expected, status, "a deployment is in progress: wait, and run this again")
    return finding(what, expected, status, "see the stack's events in CloudFormation's console")
