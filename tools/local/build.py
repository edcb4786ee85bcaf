"""`sam build` for this machine's processor, as for a deployment to AWS."""

from __future__ import annotations

import fcntl
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.places import BUILD, ROOT, TEMPLATE
from tools.programs import environment, process
from tools.programs.installed import SAM

ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
BUILT_TEMPLATE = BUILD / "build" / "template.yaml"


@contextmanager
def build(log: Path) -> Iterator[Path]:
    """Build; other builds wait for the length of the block, so that the built template stays the same."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process.run(
            [
                *(str(SAM.python), "-m", "samcli", "build", "--cached", "--parallel"),
                *("--template-file", str(TEMPLATE), "--config-env", "local"),
                *("--build-dir", str(BUILD / "build"), "--cache-dir", str(BUILD / "cache")),
                *("--parameter-overrides", f"Architecture={ARCHITECTURE}"),
            ],
            log=log,
            # The layer is built with the pip of SAM's environment, whatever the machine's own Python is.
            environment=_with_first_on_path(SAM.python.parent, ARCHITECTURE=ARCHITECTURE),
            directory=ROOT,
        )
        yield BUILT_TEMPLATE


def _with_first_on_path(folder: Path, **further: str) -> dict[str, str]:
    seen = environment.without_aws(**further)
    return seen | {"PATH": f"{folder}:{seen['PATH']}"}
