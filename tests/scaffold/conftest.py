"""A copy of the checkout in which a sixth system is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.places import ROOT

LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", ".tools", ".aws-sam", ".trackgate", "dist", "node_modules"),
    *("__pycache__", ".pytest_cache", ".hypothesis", "*.db"),
)


@dataclass(frozen=True)
class Copy:
    """The checkout in a folder of its own, with the tools and packages of this one."""

    root: Path

    def run(self, *command: str) -> str:
        """What a command says; fails the test if the command fails."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": "functions:layers/shared"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}"
        return done.stdout

    def python(self, module: str, *arguments: str) -> str:
        """The same of `python -m`."""
        return self.run(sys.executable, "-m", module, *arguments)


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """See Copy."""
    root = tmp_path_factory.mktemp("sixth") / "checkout"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT)
    for shared in (".venv", ".tools"):
        (root / shared).symlink_to(ROOT / shared)
    return Copy(root)
