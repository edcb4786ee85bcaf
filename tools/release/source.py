"""What a release is built from: one commit, its version and its section of the changelog."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.errors import CommandError


@dataclass(frozen=True)
class Commit:
    """A commit: its full hash and its time."""

    sha: str
    when: datetime


def committed(repository: Path) -> Commit:
    """The checked-out commit. Raises CommandError if the working tree differs from it."""
    if changed := _git(repository, "status", "--porcelain").splitlines():
        names = ", ".join(line[3:] for line in changed[:3]) + (", …" if len(changed) > 3 else "")
        raise CommandError(f"a release is built from a commit: commit or stash your changes first ({names})")
    return head(repository)


def head(repository: Path) -> Commit:
    """The checked-out commit, whatever has changed in the working tree."""
    sha, seconds = _git(repository, "log", "-1", "--format=%H %ct").split()
    return Commit(sha, datetime.fromtimestamp(int(seconds), UTC))


def export(repository: Path, commit: Commit, folder: Path) -> None:
    """Write the commit's files, and no others from the working tree, into `folder`."""
    archive = folder / "source.tar"
    _git(repository, "archive", "--format=tar", f"--output={archive}", commit.sha)
    subprocess.run(["tar", "--extract", f"--file={archive}", f"--directory={folder}"], check=True)
    archive.unlink()


def version(source: Path) -> str:
    """The project's version, from pyproject.toml."""
    project = tomllib.loads((source / "pyproject.toml").read_text())
    found: str = project["project"]["version"]
    return found


def notes(source: Path, tag: str) -> str:
    """The changelog's section for a tag. Raises CommandError unless the tag names the version and has one."""
    number = version(source)
    if tag != f"v{number}":
        raise CommandError(f"the tag {tag} is not v{number}, the version in pyproject.toml")
    changelog = (source / "CHANGELOG.md").read_text()
    section = re.search(
        rf"^## \[{re.escape(number)}\].*?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    if section is None or not section[1].strip():
        raise CommandError(
            f"CHANGELOG.md has no section [{number}]: rename [Unreleased] to it, with the date"
        )
    return section[1].strip() + "\n"


def _git(repository: Path, *command: str) -> str:
    ended = subprocess.run(["git", *command], cwd=repository, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise CommandError(f"`git {' '.join(command)}` failed: {ended.stderr.strip()}")
    return ended.stdout.strip("\n")
