"""A release built from this checkout's files, for this machine's processor alone."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.local.build import ARCHITECTURE
from tools.places import ROOT
from tools.programs.installed import SAM, install_missing
from tools.release.package import package

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def build(folder: Path) -> Path:
    """Copy what a release is made of into `folder`, and build it there."""
    source, target, scratch = (folder / name for name in ("source", "release", "scratch"))
    for new in (target, scratch):
        new.mkdir(parents=True)
    for name in ("functions", "layers", "stages"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("template.yaml", "pyproject.toml", "uv.lock", "LICENSE", "NOTICE"):
        shutil.copyfile(ROOT / name, source / name)
    install_missing(ROOT / ".tools" / "logs", (SAM,))
    package(source, target, scratch, WHEN, [ARCHITECTURE])
    return target


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release."""
    return build(tmp_path_factory.mktemp("release"))
