"""A fresh build is kept: its fingerprint changes with what it is made from, and with nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.local.build import fingerprint


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (
        "functions/acme/session.py",
        "layers/shared/requirements.txt",
        "template.yaml",
        "samconfig.toml",
        "tools/programs/sam.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def rewrite(name: str) -> Callable[[Path], object]:
    return lambda checkout: (checkout / name).write_text("changed")


@pytest.mark.parametrize(
    "change",
    [
        rewrite("functions/acme/session.py"),
        rewrite("functions/acme/another.py"),
        rewrite("layers/shared/requirements.txt"),
        rewrite("template.yaml"),
        rewrite("tools/programs/sam.txt"),
        lambda checkout: (checkout / "functions/acme/session.py").rename(checkout / "functions/session.py"),
        lambda checkout: (checkout / "functions/acme/session.py").unlink(),
    ],
)
def test_a_change_is_built(checkout: Path, change: Callable[[Path], object]) -> None:
    before = fingerprint(checkout)

    change(checkout)

    assert fingerprint(checkout) != before


def test_what_is_not_built_changes_nothing(checkout: Path) -> None:
    before = fingerprint(checkout)

    (checkout / "functions" / "__pycache__").mkdir()
    (checkout / "functions" / "__pycache__" / "session.pyc").write_text("")
    (checkout / "tools" / "send.py").write_text("")

    assert fingerprint(checkout) == before
