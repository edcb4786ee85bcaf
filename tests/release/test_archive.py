"""A zip depends on names, modes and bytes, and not on when, where or by whom it was made."""

import os
from pathlib import Path
from zipfile import ZipFile

from tools.release import archive


def made(folder: Path, names: list[str], *, mode: int, when: int) -> bytes:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        path.chmod(mode | (0o100 if name == "run" else 0))
        os.utime(path, (when, when))
    (folder / "empty").mkdir()
    archive.write(folder, folder.with_suffix(".zip"))
    return folder.with_suffix(".zip").read_bytes()


def test_the_same_files_make_the_same_zip(tmp_path: Path) -> None:
    one = made(tmp_path / "one", ["b", "a/c", "run"], mode=0o644, when=1_000_000_000)
    two = made(tmp_path / "two", ["run", "a/c", "b"], mode=0o600, when=2_000_000_000)

    assert one == two


def test_what_is_in_it(tmp_path: Path) -> None:
    made(tmp_path / "one", ["b", "a/c", "run"], mode=0o600, when=1_000_000_000)

    with ZipFile(tmp_path / "one.zip") as found:
        assert [entry.filename for entry in found.infolist()] == ["a/c", "b", "run"]
        assert [oct(entry.external_attr >> 16) for entry in found.infolist()] == [
            "0o100644",
            "0o100644",
            "0o100755",
        ]
        assert found.read("a/c") == b"a/c"
