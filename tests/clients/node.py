"""Node.js with one published client loaded, for all calls of a run: a start costs more than a call."""

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Self

from tests.components import NODE

HERE = Path(__file__).parent
ANSWER = "\x1e"
"""How the line with the outcomes begins; a client may print others."""
SECONDS = 60


class Node:
    """A process of one client (its `package` in `modules`), which ends with the `with` block."""

    def __init__(self, modules: Path, package: str, environment: Mapping[str, str]) -> None:
        """`environment`: what the client finds, besides PATH."""
        self._command = [
            NODE.program("node"),
            "--no-deprecation",
            "--require",
            str(HERE / "loopback.js"),
            str(HERE / "drive.js"),
            str(modules),
            package,
        ]
        self._environment = {"PATH": os.environ["PATH"], **environment}

    def __enter__(self) -> Self:
        """Start it."""
        self._errors: IO[bytes] = TemporaryFile()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def perform(self, asked: Mapping[str, Any]) -> Any:
        """The outcomes of what `perform.js` is asked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        patience = threading.Timer(SECONDS, self._process.kill)
        patience.start()
        try:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                if line.startswith(ANSWER):
                    return json.loads(line.removeprefix(ANSWER))
        finally:
            patience.cancel()
        self._errors.seek(0)
        raise AssertionError(f"it ended before its calls did: {self._errors.read().decode()}")
