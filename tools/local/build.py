"""`sam build` for this machine's processor, as for a deployment to AWS; a build that is fresh is kept."""

from __future__ import annotations

import fcntl
import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.places import BUILD, ROOT, TEMPLATE
from tools.programs import environment, process
from tools.programs.installed import SAM
from tools.template.reader import Template

ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
BUILT_TEMPLATE = BUILD / "build" / "template.yaml"
BUILT_FROM = BUILD / "built-from"
"""Holds the fingerprint of what was built last."""


@contextmanager
def build(log: Path) -> Iterator[Path]:
    """Build; other builds wait for the length of the block, so that the built template stays the same."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = fingerprint(ROOT)
        if not (BUILT_TEMPLATE.exists() and BUILT_FROM.exists() and BUILT_FROM.read_text() == sources):
            BUILT_FROM.unlink(missing_ok=True)
            _build(log)
            # JSON is YAML, too, and the SAM CLI, which reads this five times per deployment, reads it faster.
            BUILT_TEMPLATE.write_text(json.dumps(Template.read(BUILT_TEMPLATE).data, indent=1))
            BUILT_FROM.write_text(sources)
        yield BUILT_TEMPLATE


def fingerprint(root: Path) -> str:
    """SHA-256 of what a build is made from: functions and layers, the template, and the SAM CLI's version."""
    digest = hashlib.sha256(ARCHITECTURE.encode())
    for folder in ("functions", "layers"):
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(
                    f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode() + file.read_bytes()
                )
    for file in (root / "template.yaml", root / "samconfig.toml", root / "tools" / "programs" / "sam.txt"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _build(log: Path) -> None:
    process.run(
        [
            *(str(SAM.python), "-m", "samcli", "build", "--cached", "--parallel"),
            *("--template-file", str(TEMPLATE), "--config-env", "local"),
            *("--build-dir", str(BUILD / "build"), "--cache-dir", str(BUILD / "cache")),
            *("--parameter-overrides", f"Architecture={ARCHITECTURE}"),
        ],
        log=log,
        # The layer is built with the pip of SAM's environment, whatever the machine's own Python is.
        environment=with_first_on_path(SAM.python.parent, ARCHITECTURE=ARCHITECTURE),
        directory=ROOT,
    )


def with_first_on_path(folder: Path, **further: str) -> dict[str, str]:
    """The SAM CLI's environment, in which the programs of `folder` come first."""
    seen = environment.without_aws(**further)
    return seen | {"PATH": f"{folder}:{seen['PATH']}"}
