"""Reads the traffic of all systems, where the stack has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.errors import CommandError
from tools.failures.aws import Failures, explained
from tools.operator.stack import Stack
from tools.operator.status.cloudwatch_traffic import cloudwatch_traffic
from tools.operator.status.local_traffic import local_traffic
from tools.operator.status.traffic import Traffic


@dataclass(frozen=True)
class Lately:
    """Each system's traffic, as far as it could be read; `problem` says why not, else it is empty."""

    by_system: Mapping[str, Traffic]
    problem: str = ""


def read_traffic(stack: Stack, systems: Sequence[str], *, seconds: float) -> Lately:
    """The traffic of the last `seconds`: from CloudWatch, or from the log of a local run.

    What cannot be read does not keep the rest of a status from being shown.
    """
    try:
        if stack.local:
            return Lately(local_traffic(systems, seconds))
        return Lately(cloudwatch_traffic(stack, systems, seconds))
    except CommandError as error:
        return Lately({}, str(error))
    except Failures as error:
        return Lately({}, explained(error, local=stack.local))
