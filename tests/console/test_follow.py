"""A file that grows is read line by line, and never twice."""

from pathlib import Path

import pytest

from tools.console import follow
from tools.console.follow import Follower


def test_only_complete_new_lines_are_read(tmp_path: Path) -> None:
    file = tmp_path / "log"
    follower = Follower(file)
    assert follower.lines() == []

    file.write_bytes(b"one\ntw")
    assert follower.lines() == ["one"]
    with file.open("ab") as opened:
        opened.write("o\ndré\n".encode() + b"\xff\n")
    assert follower.lines() == ["two", "dré", "�"]
    assert follower.lines() == []


def test_a_large_file_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "CHUNK", 5)
    file = tmp_path / "log"
    file.write_text("a line\nanother\n")
    follower = Follower(file)

    read = [follower.lines() for _ in range(4)]

    assert [line for lines in read for line in lines] == ["a line", "another"]
