"""`make install` says in one sentence what a machine lacks, in a folder whose path has spaces."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.places import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script needs of a checkout."""
    made = tmp_path / "a folder with spaces"
    (made / "tools" / "supply").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "supply" / "install.sh", made / "tools" / "supply")
    shutil.copy(ROOT / ".python-version", made)
    return made


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def install(checkout: Path, step: str) -> tuple[int, list[str]]:
    """Exit status and lines; on PATH stands nothing but the POSIX tools and what the test made."""
    bin_ = checkout.parent / "bin"
    bin_.mkdir(exist_ok=True)
    for tool in ("sh", "cat", "dirname", "mkdir", "head", "tail", "sed", "touch", "chmod"):
        found = next(path for path in (Path("/bin", tool), Path("/usr/bin", tool)) if path.exists())
        (bin_ / tool).symlink_to(found)
    done = subprocess.run(
        [str(checkout / "tools" / "supply" / "install.sh"), step],
        env={"PATH": str(bin_)},
        capture_output=True,
        text=True,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize(
    ("python", "said"),
    [
        (None, "python3 is missing: install it"),
        ('case "$*" in *version_info*) exit 1;; -V) echo Python 3.7.3;; esac', "(Python 3.7.3)"),
        (
            "echo pyenv: no version >&2; exit 1",
            "python3 does not run, or is older than 3.8 (pyenv: no version)",
        ),
        ('case "$*" in *ensurepip*) exit 1;; esac', "apt-get install -y python3-venv"),
        ("", "uv could not be installed from PyPI"),
    ],
    ids=["none", "too old", "broken", "no venv", "no network"],
)
def test_without_a_good_python3(checkout: Path, python: str | None, said: str) -> None:
    if python is not None:
        program(checkout.parent / "bin" / "python3", python)
        program(checkout / ".tools" / "uv" / "bin" / "python", "exit 1")

    status, lines = install(checkout, "uv")

    assert status == 1
    assert len(lines) == 1
    assert lines[0].startswith("make install: ")
    assert said in lines[0]


def test_without_python_3_13_and_without_a_way_to_it(checkout: Path) -> None:
    uv = "[ $2 != install ] || echo '  cause: Name or service not known' >&2; exit 1"
    program(checkout / ".tools" / "uv" / "bin" / "uv", uv)

    status, lines = install(checkout, "packages")

    assert status == 1
    assert lines == [
        "make install: Python 3.13 is not on PATH and cannot be downloaded (Name or service not known): "
        "install it (pyenv install 3.13; macOS: brew install python@3.13) and put it on PATH"
    ]


def test_with_python_3_13_nothing_is_downloaded(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    program(checkout / ".tools" / "uv" / "bin" / "uv", '[ "$*" != "python install --no-bin" ]')

    assert install(checkout, "packages") == (0, [])
    assert (checkout / ".venv" / "synced").is_file()


def test_a_checkout_that_cannot_be_written(checkout: Path) -> None:
    # Not by its mode: root writes anywhere.
    (checkout / ".tools").touch()

    assert install(checkout, "uv") == (
        1,
        [f"make install: {checkout} cannot be written: clone the project into a folder of your own"],
    )
