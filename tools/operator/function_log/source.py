"""Where a stack's log lines are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from tools.errors import CommandError
from tools.operator.function_log.cloudwatch import CloudWatchLog
from tools.operator.function_log.local_file import LocalFile
from tools.operator.stack import Stack
from tools.places import DEFAULT_STATE, Places
from tools.programs.environment import given

type Fields = dict[str, Any]
"""One line: its JSON object."""


class FunctionLog(Protocol):
    """The lines of a stack's functions."""

    def matching(self, text: str, since: float, until: float | None = None) -> Iterator[Fields]:
        """The lines that contain a text (letters and digits), of a time in Unix seconds; `until`: to now."""

    def written(self, since: float) -> Iterator[Fields]:
        """What reports events, from Unix seconds to now."""

    def followed(self, since: float, wait: Callable[[float], None]) -> Iterator[Fields]:
        """The same, and then each line as it comes, without end. `wait` sleeps so many seconds."""


def function_log(stack: Stack) -> FunctionLog:
    """A stack's. Raises CommandError."""
    if stack.local:
        return local_lines()
    group = stack.outputs.get("FunctionLogGroup")
    if group is None:
        raise CommandError(f"{stack.name} has no output FunctionLogGroup: is it a Trackgate stack?")
    return CloudWatchLog(stack.client("logs"), group)


def local_lines() -> LocalFile:
    """The lines of the local run whose state folder is STATE. Raises CommandError."""
    return LocalFile(Places(Path(given(os.environ, "STATE", str(DEFAULT_STATE)))).function_lines)
