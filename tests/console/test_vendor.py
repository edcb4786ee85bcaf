"""What the console's pages load from npm: each file is the one that was fetched, with its license."""

import json
import re
from pathlib import Path

import pytest

from tools.console.vendor import CHECKSUMS, FILES, FOLDER, HERE, browsable, checksums

MODULES = sorted(FOLDER.rglob("*.js"))
WANTED = json.loads((HERE / "package.json").read_text())["dependencies"]
LOCKED = json.loads((HERE / "package-lock.json").read_text())["packages"]


def test_every_file_has_its_recorded_checksum() -> None:
    assert "".join(checksums()) == CHECKSUMS.read_text()


def test_nothing_lies_there_that_was_not_fetched() -> None:
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}

    assert there - {CHECKSUMS.name} == set(FILES.values())


def test_every_package_is_pinned_and_used() -> None:
    for name, version in WANTED.items():
        assert LOCKED[f"node_modules/{name}"]["version"] == version
        assert any(source.startswith(f"{name}/") for source in FILES)


def test_npm_can_check_what_it_fetches() -> None:
    fetched = [
        name
        for name in LOCKED
        if name and any(f"node_modules/{file}".startswith(f"{name}/") for file in FILES)
    ]

    assert fetched
    assert [name for name in fetched if not LOCKED[name]["integrity"].startswith("sha512-")] == []


def test_every_package_brings_its_license() -> None:
    assert [
        folder.name for folder in FOLDER.iterdir() if folder.is_dir() and not (folder / "LICENSE").is_file()
    ] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_imports_only_what_is_there(module: Path) -> None:
    imported = re.findall(r'\bfrom *"([^"\s]+)"', module.read_text())

    assert [name for name in imported if not (module.parent / name).is_file()] == []


def test_a_package_name_becomes_a_path() -> None:
    module = (
        b'import{options as n}from"preact";export*from"@preact/signals-core";\n//# sourceMappingURL=a.map\n'
    )

    seen = browsable(module).splitlines()

    assert seen == [
        b'import{options as n}from"../preact/preact.js";export*from"../preact-signals-core/signals-core.js";'
    ]


def test_a_package_that_is_not_here_is_refused() -> None:
    with pytest.raises(KeyError):
        browsable(b'import{h}from"react"')
