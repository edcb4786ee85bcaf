"""Installs the published clients once, from the committed lock, into `.tools/clients`."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.components import NODE
from tools.local.places import TOOLS

HERE = Path(__file__).parent
HOME = TOOLS / "clients"
MODULES = HOME / "node_modules"


def installed() -> Path:
    """The folder of the installed packages. Skips the test where Node.js or npm is missing."""
    npm = NODE.program("npm")
    manifest, lock = HERE / "package.json", HERE / "package-lock.json"
    wanted = hashlib.sha256(manifest.read_bytes() + lock.read_bytes()).hexdigest()
    mark = HOME / "installed"
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not mark.is_file() or mark.read_text() != wanted:
            mark.unlink(missing_ok=True)
            for file in (manifest, lock):
                shutil.copy(file, HOME / file.name)
            # No script of a package is run: what is tested is what it sends.
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                pytest.fail(f"npm ci: {done.stderr}")
            mark.write_text(wanted)
    return MODULES
