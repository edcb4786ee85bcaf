"""What the console's pages load from npm: each file is the one that was fetched, with its license."""

import re
from pathlib import Path

import pytest

from tools.console.vendor import ADDED, CHECKSUMS, FILES, FOLDER, browsable, checksums, packages

MODULES = [path for path in sorted(FOLDER.rglob("*.js")) if path.parent.name != "scalar"]
"""Scalar's reference is one script, and no module."""


def test_every_file_has_its_recorded_checksum() -> None:
    assert "".join(checksums()) == CHECKSUMS.read_text()


def test_nothing_lies_there_that_was_not_fetched() -> None:
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}

    wanted = {target for files in FILES.values() for target in files.values()} | set(ADDED.values())
    assert there - {CHECKSUMS.name} == wanted


def test_every_package_is_one_exact_version_with_its_integrity() -> None:
    assert {package.name for package in packages()} == FILES.keys()
    for package in packages():
        assert re.fullmatch(r"\d+\.\d+\.\d+", package.version), package
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package.integrity or ""), package


def test_every_package_brings_its_license() -> None:
    folders = [path for path in FOLDER.iterdir() if path.is_dir()]

    assert [folder.name for folder in folders if not (folder / "LICENSE").is_file()] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_imports_only_what_is_there(module: Path) -> None:
    imported = re.findall(r'\bfrom *"([^"\s]+)"', module.read_text())

    assert [name for name in imported if not (module.parent / name).is_file()] == []


def test_a_source_map_that_is_not_here_is_not_asked_for() -> None:
    module = b"export const a = 1;\n//# sourceMappingURL=a.map\n"

    assert browsable(module) == b"export const a = 1;\n"
