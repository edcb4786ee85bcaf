"""docs/layout.md names every folder that a newcomer meets, CONTRIBUTING.md every folder of tests."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tools.places import ROOT

PAGE = (ROOT / "docs" / "layout.md").read_text()
TESTS = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Tests\n")[2].partition("\n## ")[0]
ROOM = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def tree() -> Iterator[str]:
    """The paths of the page's tree: an indented name belongs to the folder above it."""
    folder = ""
    for line in PAGE.partition("```\n")[2].partition("```")[0].splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folder = "".join(f"{part}/" for part in folder.split("/")[:depth])
        yield folder + name
        if name.endswith("/"):
            folder += name


TREE = frozenset(tree())
ROOMS = frozenset(f"layers/shared/gateway/{room}" for room in ROOM.findall(PAGE))


@pytest.mark.parametrize("parent", ["", "tools/", "functions/", "layers/", "layers/shared/gateway/"])
def test_every_folder_is_named(parent: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    listed = ["git", "ls-files", "--", f"{parent}*/*"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    folders = {f"{parent}{file.removeprefix(parent).partition('/')[0]}/" for file in files}
    # One line stands for all systems.
    folders = {folder for folder in folders if not (ROOT / folder / "stack.yaml").exists()}

    named = TREE | ROOMS

    assert folders
    assert {folder for folder in folders if not any(path.startswith(folder) for path in named)} == set()


@pytest.mark.parametrize("path", sorted(TREE | ROOMS))
def test_what_is_named_exists(path: str) -> None:
    assert any(ROOT.glob(re.sub("<[^>]*>", "*", path).rstrip("/")))


def test_every_folder_of_tests_is_named() -> None:
    folders = {file.relative_to(ROOT / "tests").parts[0] for file in ROOT.glob("tests/*/**/test_*.py")}
    systems = {file.parent.name for file in ROOT.glob("functions/*/stack.yaml")}
    rows = [line.split(" | ")[0] for line in TESTS.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall("`([a-z]+)/`", row)}

    # One row stands for all systems.
    assert named - systems == folders - systems
