"""docs/layout.md names every folder that a newcomer meets."""

import subprocess

import pytest

from tools.local.places import ROOT

LAYOUT = (ROOT / "docs" / "layout.md").read_text()


@pytest.mark.parametrize("parent", [".", "tools", "functions", "layers"])
def test_every_folder_is_named(parent: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    listed = ["git", "ls-files", "--", f"{parent}/*/*"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    prefix = "" if parent == "." else f"{parent}/"
    folders = {file.removeprefix(prefix).partition("/")[0] for file in files}
    # One line stands for all systems.
    systems = {"onesignal", "trax", "pushexpress", "mytracker", "track"} if parent == "functions" else set()

    assert folders
    assert [folder for folder in sorted(folders - systems) if f"{prefix}{folder}/" not in LAYOUT] == []
