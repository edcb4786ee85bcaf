"""A release is built from a commit, and a tag must say what pyproject.toml and the changelog say."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.errors import CommandError
from tools.release import source

CHANGELOG = """# Changelog

## [Unreleased]

- Later.

## [1.2.0] - 2026-01-02

- Now.

## [1.1.0]

- Then.
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "file.txt").write_text("committed\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    git(folder, *who, "commit", "--quiet", "--message=First", "--date=2026-01-02T03:04:05Z")
    return folder


def git(folder: Path, *command: str) -> None:
    # Nothing of the caller's own configuration of git.
    when = {"GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z", "PATH": os.environ["PATH"]}
    subprocess.run(["git", *command], cwd=folder, env=when, check=True)


def project(folder: Path, changelog: str = CHANGELOG) -> Path:
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return folder


def test_the_commit_is_dated_by_itself(repository: Path) -> None:
    found = source.committed(repository)

    assert found.when == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert len(found.sha) == 40


@pytest.mark.parametrize("name", ["file.txt", "new.txt"])
def test_changes_that_are_not_committed_are_refused(repository: Path, name: str) -> None:
    (repository / name).write_text("changed\n")

    with pytest.raises(CommandError, match=rf"commit or stash your changes first \({name}\)"):
        source.committed(repository)


def test_the_export_holds_the_commit_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    commit = source.committed(repository)
    (repository / "file.txt").write_text("changed\n")
    (repository / "secret.txt").write_text("mine\n")
    target = tmp_path / "target"
    target.mkdir()

    source.export(repository, commit, target)

    assert {path.name: path.read_text() for path in target.iterdir()} == {"file.txt": "committed\n"}


def test_a_folder_without_git_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not a git repository"):
        source.committed(tmp_path)


def test_the_notes_are_the_versions_own_section(tmp_path: Path) -> None:
    assert source.notes(project(tmp_path), "v1.2.0") == "- Now.\n"


@pytest.mark.parametrize("tag", ["v1.1.0", "1.2.0", "v1.2.0rc1"])
def test_a_tag_of_another_version_is_refused(tmp_path: Path, tag: str) -> None:
    with pytest.raises(CommandError, match=rf"{tag} is not v1\.2\.0"):
        source.notes(project(tmp_path), tag)


@pytest.mark.parametrize(
    "changelog", ["## [Unreleased]\n\n- Now.\n", "## [1.2.0]\n\n## [1.1.0]\n\n- Then.\n"]
)
def test_a_version_without_a_section_is_refused(tmp_path: Path, changelog: str) -> None:
    with pytest.raises(CommandError, match=r"CHANGELOG\.md has no section \[1\.2\.0\]"):
        source.notes(project(tmp_path, changelog), "v1.2.0")
