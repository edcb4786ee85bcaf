"""What a page shows is held against what a command prints."""

from pathlib import Path

import pytest

from tests.docs.commands import Command, commands


def test_commands_and_what_they_show(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Text\n```console\n$ one \\\n    --two\nout\n$ three\n```\n```sh\nfour\n```\n")

    assert commands(page) == [Command("one --two", "out\n"), Command("three", "")]


@pytest.mark.parametrize(
    ("shown", "output", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nx\nb\n", False),
        ("a\n…\nb\n", "a\nx\ny\nb\n", True),
        ("a\n…\nb\n", "a\nb", True),
        ("a\n…\n", "a\nx\n", True),
        ("a …\n", "a xyz\n", True),
        ("a\n", "a\nx\n", False),
        ("built   4.1 s\n", "built  37.6 s\n", True),
        ("built 4.1 s\n", "broken 4.1 s\n", False),
        ("a.c\n", "abc\n", False),
        ("", "", True),
    ],
)
def test_an_ellipsis_stands_for_any_lines(shown: str, output: str, same: bool) -> None:
    assert Command("", shown).is_shown_by(output) is same
