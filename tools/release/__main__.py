"""`python -m tools.release`: builds the checked-out commit into dist/."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tools.errors import CommandError
from tools.places import ROOT
from tools.programs.installed import SAM, install_missing
from tools.progress import Progress
from tools.release import source
from tools.release.package import CHECKSUMS, package

DIST = ROOT / "dist"


def main() -> int:
    """Build, and print the checksums; 1 if the release cannot be built."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.release", description="Build the checked-out commit into dist/."
    )
    parser.add_argument("--tag", help="fail unless this names the version, and the changelog has its section")
    given = parser.parse_args()
    progress = Progress()
    try:
        built = _release(given.tag, progress)
    except CommandError as error:
        Console(stderr=True, highlight=False).print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    progress.console.print((built / CHECKSUMS).read_text(), end="", soft_wrap=True)
    progress.console.print(f"→ {built.relative_to(ROOT)}", soft_wrap=True)
    return 0


def _release(tag: str | None, progress: Progress) -> Path:
    commit = source.committed(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        files, scratch = Path(folder) / "source", Path(folder) / "layers"
        files.mkdir()
        scratch.mkdir()
        with progress.step("Installing the SAM CLI"):
            install_missing(ROOT / ".tools" / "logs", (SAM,))
        with progress.step(f"Exporting {commit.sha[:12]}"):
            source.export(ROOT, commit, files)
        name = f"trackgate-{source.version(files)}"
        notes = source.notes(files, tag) if tag else None
        built = DIST / name
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir(parents=True)
        with progress.step("Building the layers, writing templates and zips"):
            package(files, built, scratch, commit.when)
    if notes:
        (DIST / f"{name}-notes.md").write_text(notes)
    return built


if __name__ == "__main__":
    sys.exit(main())
