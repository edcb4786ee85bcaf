"""All read-only checks, independent of each other: one that fails does not stop the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from tools.errors import CommandError
from tools.failures.aws import Failures, explained, missing_right
from tools.operator.doctor.deployment import Deployment
from tools.operator.doctor.edge.checks import edge
from tools.operator.doctor.report import Row, unknown
from tools.operator.doctor.resources.alarms import alarms
from tools.operator.doctor.resources.functions import functions
from tools.operator.doctor.resources.queues import queues
from tools.operator.doctor.resources.quotas import quotas
from tools.operator.doctor.resources.secrets import secrets
from tools.operator.doctor.resources.stack import formation

type Check = Callable[[Deployment], Iterable[Row]]

CHECKS: dict[str, Check] = {
    "stack": formation,
    "functions": functions,
    "quotas": quotas,
    "queues": queues,
    "alarms": alarms,
    "secrets": secrets,
    "API": edge,
}


def check_all(deployment: Deployment, checks: dict[str, Check] = CHECKS) -> Iterator[Row]:
    """The rows of all checks, as they come. Raises no AWS or network errors."""
    for name, check in checks.items():
        if time.monotonic() > deployment.until:
            yield unknown(name, "no time left: earlier checks took too long", "run it again")
            continue
        yield from guarded(name, check, deployment)


def guarded(name: str, check: Check, deployment: Deployment) -> Iterator[Row]:
    """A check's rows, with a last one if it could not finish."""
    try:
        yield from check(deployment)
    except Failures as error:
        right = missing_right(error)
        do = f"allow {right}, and run it again" if right else "run it again"
        yield unknown(name, explained(error, local=deployment.stack.local), do)
    except (CommandError, KeyError) as error:
        why = f"the stack lacks {error}" if isinstance(error, KeyError) else str(error)
        yield unknown(name, why, "is this a Trackgate stack of this release?")
