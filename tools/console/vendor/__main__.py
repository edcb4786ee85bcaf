"""`python -m tools.console.vendor`: fetches the console's npm packages again. Needs npm and its registry.

To upgrade one, write its new version into package.json and run it with `--upgrade`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.console.vendor import FOLDER, HERE, copy
from tools.errors import CommandError

_LOCKED = ("package.json", "package-lock.json")
_QUIET = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--omit-lockfile-registry-resolved",
)


def main() -> int:
    """Fetch and copy; 1 if npm cannot."""
    parser = argparse.ArgumentParser(prog="python -m tools.console.vendor", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="also write package-lock.json anew")
    options = parser.parse_args()
    try:
        if options.upgrade:
            _npm("install", "--package-lock-only", folder=HERE)
        with tempfile.TemporaryDirectory() as scratch:
            for name in _LOCKED:
                shutil.copy(HERE / name, scratch)
            _npm("ci", folder=Path(scratch))
            copy(Path(scratch) / "node_modules")
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {FOLDER}")
    return 0


def _npm(*command: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CommandError("npm is not installed: install Node.js")
    done = subprocess.run([npm, *command, *_QUIET], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"npm {command[0]} failed: {done.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main())
