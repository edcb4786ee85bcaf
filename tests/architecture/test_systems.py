"""A system is a folder: outside its own folders few files name it, and none that is code."""

import re
import subprocess
from pathlib import Path

import pytest

from gateway.system import System
from tests.architecture.house import FUNCTIONS, ROOT, SYSTEMS
from tools.systems import registry

EXAMPLE = "acme"
"""The system of which docstrings speak; one that is really called so is named by them."""

NAMED = [system for system in SYSTEMS if system != EXAMPLE]
MOST = 10
"""Files that may name a system, beside the pages of docs/."""

OWN = (
    *(
        f"{room}/{system}/"
        for room in ("functions", "layers", "events", "tools/systems", "benchmarks")
        for system in SYSTEMS
    ),
    "tests/",
)
"""The systems' folders, whose contracts' words may be another's name (`track-open`); and tests/."""

FETCHED = "tools/console/static/vendor/"
"""Packages of others, whose words are their own."""

CODE = ("functions/", "layers/", "stack/", "tools/", "bin/", "benchmarks/")


def spellings(system: str) -> re.Pattern[str]:
    """`acme`, `Acme`, `ACME_URL`, `AcmeUrl`, and how people write it; no other word that begins so."""
    profile = registry.profile(system)
    words = {system, profile.prefix, profile.title}
    capital = "|".join(sorted(re.escape(word) for word in words))
    return re.compile(rf"(?<![A-Za-z])(?:(?:{capital})(?![a-z])|{system.upper()}(?![A-Za-z]))")


def files() -> list[str]:
    """The paths of all files that the project's people wrote."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [path for path in listed.stdout.splitlines() if not path.startswith(FETCHED)]
    return [path for path in paths if (ROOT / path).is_file()]


def naming(system: str, paths: list[str], own: tuple[str, ...] = OWN) -> list[str]:
    """The files outside the systems' folders that name it."""
    pattern = spellings(system)
    return [
        path
        for path in paths
        if not path.startswith(own) and (pattern.search(path) or pattern.search(_text(ROOT / path)))
    ]


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("system", NAMED)
def test_no_code_names_a_system(system: str) -> None:
    found = [path for path in naming(system, files()) if path.startswith(CODE)]

    assert not found, f"{', '.join(found)}: find what is general about it, or move it to tools/systems/"


@pytest.mark.parametrize("system", NAMED)
def test_few_other_files_name_a_system(system: str) -> None:
    found = [path for path in naming(system, files()) if not path.startswith(("docs/", *CODE))]

    assert len(found) <= MOST, ", ".join(found)


def test_a_name_is_found_in_every_spelling() -> None:
    (system, *_) = SYSTEMS
    prefix = registry.profile(system).prefix

    for text in (system, f"/{system}/x", f"{system}_x", prefix, f"{prefix}Url", f"{system.upper()}_URL"):
        assert spellings(system).search(text), text
    for text in (f"{system}ing", f"un{system}", f"{system.upper()}ED"):
        assert not spellings(system).search(text), text


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_tools_know_every_system(system: str) -> None:
    profile = registry.profile(system)

    assert profile.name == System.named(system).name == system
    assert (FUNCTIONS / system / "stack.yaml").is_file()
    assert profile.page.unknown_paths


def test_the_tools_know_no_other_system() -> None:
    assert registry.names() == sorted(SYSTEMS)
