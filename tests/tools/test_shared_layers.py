"""Workers of the local AWS share an unpacked layer, and each has its own code."""

import shutil
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.shared_layers import share_layers


@pytest.fixture
def runtime(tmp_path: Path) -> types.SimpleNamespace:
    """Stands for MiniStack's module."""
    found = types.SimpleNamespace(zipfile=zipfile)
    share_layers(found, tmp_path)
    return found


def unpack(runtime: types.SimpleNamespace, worker: Path, folder: str, content: str = "the same") -> Path:
    """What MiniStack does for a worker that it starts."""
    target = worker / folder
    target.mkdir(parents=True)
    archive = worker / f"{folder}.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr(zipfile.ZipInfo("python/module.py"), content)
    with runtime.zipfile.ZipFile(archive) as read:
        read.extractall(str(target))
    return target / "python" / "module.py"


def test_a_layer_is_unpacked_once_and_outlives_its_workers(runtime: Any, tmp_path: Path) -> None:
    first, second = (unpack(runtime, tmp_path / name, "layer_0") for name in ("a", "b"))

    assert first.samefile(second)
    shutil.rmtree(tmp_path / "a")
    assert second.read_text() == "the same"


def test_another_layer_is_another(runtime: Any, tmp_path: Path) -> None:
    first = unpack(runtime, tmp_path / "a", "layer_0", "one")
    second = unpack(runtime, tmp_path / "b", "layer_0", "other")

    assert (first.read_text(), second.read_text()) == ("one", "other")


def test_code_is_each_workers_own(runtime: Any, tmp_path: Path) -> None:
    first, second = (unpack(runtime, tmp_path / name, "code") for name in ("a", "b"))

    assert not first.samefile(second)
    assert first.read_text() == second.read_text() == "the same"
