"""`python -m tools.lock`: writes the derived lock files, or reports with `--check` which ones are stale.

What SAM installs into a layer is an export of uv.lock (SAM cannot read that); what runs beside the
project, and what the bench compares it with, has locks of its own: these must not share versions with it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"

NOT_NEEDED = ["--no-emit-package", "charset-normalizer"]
"""requests guesses the encoding of texts with it, imports it at each cold start, and does without it: the
gateway reads bytes."""

LAYERS = {
    folder / "requirements.txt": (
        ["--no-default-groups", *NOT_NEEDED] if folder.name == "shared" else ["--only-group", folder.name]
    )
    for folder in sorted(file.parent for file in (ROOT / "layers").glob("*/Makefile"))
}
"""What uv exports for each layer: the project's own packages, or the group that bears the layer's name."""

PROGRAMS = [
    ROOT / "tools" / "programs" / "sam.txt",
    ROOT / "tools" / "programs" / "ministack.txt",
    ROOT / "tools" / "checkov" / "checkov.txt",
    ROOT / "tools" / "supply" / "pip-audit.txt",
    ROOT / "tools" / "supply" / "uv.txt",
    *sorted((ROOT / "benchmarks" / "peers").glob("*/src/requirements.txt")),
]

_EXTRA = re.compile(r"\[.*?\]")


def main() -> int:
    """Write or check; 1 if something is stale."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.lock", description="Write the derived lock files, or check them."
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="write nothing; fail if anything is stale")
    choice.add_argument("--upgrade", action="store_true", help="also upgrade the programs' packages")
    options = parser.parse_args()
    if options.check:
        stale = [path for path in [*LAYERS, *PROGRAMS] if _is_stale(path)]
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `make lock`\n")
        return 1 if stale else 0
    for path in LAYERS:
        _export(path, path)
    for path in PROGRAMS:
        _compile(path, upgrade=options.upgrade)
    return 0


def _is_stale(path: Path) -> bool:
    if path in PROGRAMS:
        # The lock lists the packages of an extra, not the extra itself.
        wanted = {_EXTRA.sub("", line) for line in path.with_suffix(".in").read_text().splitlines()}
        pinned = {line.split(" ")[0] for line in path.read_text().splitlines()}
        return not {line for line in wanted if "==" in line} <= pinned
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / path.name
        _export(path, fresh)
        return fresh.read_text() != path.read_text()


def _export(path: Path, output: Path) -> None:
    wanted = [*LAYERS[path], "--frozen", "--no-emit-project", "--no-header", "--output-file", str(output)]
    subprocess.run([str(UV), "export", "--quiet", *wanted], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _compile(path: Path, *, upgrade: bool) -> None:
    source = path.with_suffix(".in").relative_to(ROOT)
    wanted = ["--universal", "--python-version", "3.13", "--generate-hashes", "--no-header", "--no-annotate"]
    further = ["--upgrade"] if upgrade else []
    command = [str(UV), "pip", "compile", "--quiet", *wanted, *further]
    command += ["--output-file", str(path.relative_to(ROOT)), str(source)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
