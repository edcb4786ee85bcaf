"""Writes the functions' log lines into a file as they are logged.

MiniStack keeps a stream per call and reads all of them for every question, so that following its log would
slow down the calls themselves, and it forgets them when it ends. `guard.py` runs this file in MiniStack's
environment, so it imports nothing of the project.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

# The local AWS's own lines around each call, which measure nothing.
_AROUND = ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ")


def copy_lines(logs: Any, file: Path) -> None:
    """Let `logs`, which is `ministack.services.cloudwatch_logs`, also write to `file`; it is emptied first.

    A call's lines are there before the call has returned.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    append: Callable[..., None] = logs._append_log_events

    def both(stream: Any, events: Iterable[Mapping[str, Any]]) -> None:
        append(stream, events)
        lines = [f"{each['message']}\n" for each in events if not each["message"].startswith(_AROUND)]
        # One write for all: calls run side by side, and lines must not mix.
        with suppress(OSError):  # a full disk must not fail the calls
            os.write(opened, "".join(lines).encode())

    logs._append_log_events = both
