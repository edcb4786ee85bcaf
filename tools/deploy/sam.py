"""`sam build` for a stage's processor, and `sam deploy` with its settings."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.deploy.stage import Stage
from tools.errors import CommandError
from tools.places import ROOT
from tools.programs.installed import SAM

BUILT = ROOT / ".aws-sam" / "build" / "template.yaml"
"""The output of `sam build`, which `sam deploy` uses; the local run builds elsewhere."""


@contextmanager
def alone() -> Iterator[None]:
    """Make other builds wait for the length of the block: they share one folder, which each build empties."""
    BUILT.parent.parent.mkdir(exist_ok=True)
    with (BUILT.parent.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(architecture: str) -> None:
    """Build functions and layers for `architecture`. Raises CommandError."""
    _sam(
        "build",
        *("--cached", "--parallel", "--parameter-overrides", f"Architecture={architecture}"),
        ARCHITECTURE=architecture,
    )


def deploy(stage: Stage, parameters: Mapping[str, str]) -> None:
    """Deploy the build with every parameter, and wait until the stack is complete. Raises CommandError.

    Parameters that SAM is not given keep the value of the last deployment, so it is given all of them.
    """
    with tempfile.TemporaryDirectory() as folder:
        # SAM reads YAML here, of which JSON is a part.
        file = Path(folder) / "parameters.yaml"
        file.write_text(json.dumps(dict(parameters)))
        _sam(
            "deploy",
            *("--config-file", str(stage.file.resolve()), "--template-file", str(BUILT)),
            *("--parameter-overrides", f"file://{file}"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
        )


def _sam(command: str, *arguments: str, **variables: str) -> None:
    # The layers are built with the pip of SAM's environment, whatever the machine's own Python is.
    path = {"PATH": f"{SAM.python.parent}:{os.environ.get('PATH', os.defpath)}"}
    environment = dict(os.environ) | path | {"SAM_CLI_TELEMETRY": "0"} | variables
    ended = subprocess.run([str(SAM.python), "-m", "samcli", command, *arguments], env=environment, cwd=ROOT)
    if ended.returncode != 0:
        raise CommandError(f"sam {command} failed ({ended.returncode}); see its output above")
