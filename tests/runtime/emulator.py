"""One function in the Lambda runtime interface emulator, from its start to its end."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.runtime.lambda_runtime import PYTHON, emulator
from tools.local.ports import free_port

START_SECONDS = 20
STARTS = 5
"""How often an emulator is started whose ports something else took after they were found free."""

ANSWER_SECONDS = 30

_INIT = re.compile(rb"INIT REPORT\(durationMs: ([\d.]+)\)")


class Emulator:
    """A function's execution environment. One invocation at a time: a second one would end the emulator."""

    def __init__(
        self,
        handler: str,
        *,
        task: Path,
        layers: Sequence[Path],
        runtime: Path,
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        """`task` is what Lambda has at /var/task, `layers` what at /opt; `log` gets all that is said."""
        self.log = log
        self._task = task
        self.port = 0
        self._handler = handler
        # Lambda's own order: the function, then layers, then what the image has.
        path = [task, *(layer / "python" for layer in layers), runtime]
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": ":".join(map(str, path)),
            # /var/task and /opt cannot be written to.
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAMBDA_TASK_ROOT": str(task),
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "runtime",
            "AWS_SECRET_ACCESS_KEY": "runtime",
            "AWS_SESSION_TOKEN": "runtime",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": handler.replace(".", "-"),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it, and wait until it listens."""
        for _ in range(STARTS):
            if self._started():
                return self
            if b"address already in use" not in self.log.read_bytes():
                break
        raise AssertionError(f"the emulator does not listen:\n{self.log.read_text()}")

    def _started(self) -> bool:
        self.port, runtime_api = free_port(), free_port()
        command = [
            *(str(emulator()), "--log-level", "info"),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{self.port}"),
            *("--runtime-api-address", f"127.0.0.1:{runtime_api}"),
            *(*PYTHON, "-m", "awslambdaric", self._handler),
        ]
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=self._task,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        # It opens both side by side, and ends if it cannot have one of them.
        while not (_listens(self.port) and _listens(runtime_api)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                return False
            time.sleep(0.01)
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it and the function's process, which is of its session."""
        if self._process is not None:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """What the function returns. A function that fails returns its error's `errorType`, too."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    @property
    def pid(self) -> int:
        """The emulator's own process, whose child is the function's."""
        assert self._process is not None, "it was not started"
        return self._process.pid

    @property
    def init_milliseconds(self) -> float:
        """How long INIT took, from the start of the process; known after the first answer."""
        return float(_INIT.findall(self.log.read_bytes())[0])

    @property
    def said(self) -> list[dict[str, Any]]:
        """The function's own lines: JSON, as CloudWatch would get them."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def _listens(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.connect()
    except OSError:
        return False
    finally:
        connection.close()
    return True
