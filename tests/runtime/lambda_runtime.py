"""What Lambda's own image gives a function: a bare Python, the runtime interface client, and boto3."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from tools.programs.installed import SAM

PYTHON = [Path(sys.base_prefix, "bin", "python3.13").as_posix(), "-S"]
"""`-S`: without any site-packages, so that nothing of the project's environment or the machine's is there."""

PROVIDED = ("awslambdaric", "boto3")

_ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)([^;]*)(?:;(.*))?")


def emulator() -> Path:
    """AWS's Lambda runtime interface emulator, which comes with the SAM CLI."""
    (found,) = SAM.home.glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{_ARCHITECTURE}")
    return found


def gather(folder: Path) -> Path:
    """Put the provided packages, and what they need, into a folder of their own: links, and bytecode."""
    folder.mkdir(parents=True)
    for name in _with_what_they_need(PROVIDED):
        found = distribution(name)
        for part in {file.parts[0] for file in found.files or [] if ".." not in file.parts}:
            if not part.startswith("__"):
                (folder / part).symlink_to(Path(str(found.locate_file(part))).resolve())
    # Else each INIT would compile what Lambda's image has compiled, where uv left the sources alone.
    compiled = [str(folder / part) for part in ("awslambdaric", "snapshot_restore_py.py", "simplejson")]
    subprocess.run([*PYTHON, "-m", "compileall", "-q", *compiled], check=True)
    return folder


def _with_what_they_need(names: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for wanted in distribution(name).requires or []:
            parts = _REQUIREMENT.match(wanted)
            if parts and "extra" not in (parts[3] or ""):
                waiting.append(parts[1])
    return found
