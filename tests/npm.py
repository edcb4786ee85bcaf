"""Installs npm packages once, from a committed lock, into a folder under `.tools/`."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.components import NODE
from tools.places import TOOLS


def installed(folder: Path) -> Path:
    """The `node_modules` of what `folder` locks. Skips the test where Node.js or npm is missing."""
    npm = NODE.program("npm")
    home = TOOLS / folder.name
    manifest, lock = folder / "package.json", folder / "package-lock.json"
    wanted = hashlib.sha256(manifest.read_bytes() + lock.read_bytes()).hexdigest()
    mark = home / "installed"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not mark.is_file() or mark.read_text() != wanted:
            mark.unlink(missing_ok=True)
            for file in (manifest, lock):
                shutil.copy(file, home / file.name)
            # No install script of a package is run.
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                pytest.fail(f"npm ci: {done.stderr}")
            mark.write_text(wanted)
    return home / "node_modules"
