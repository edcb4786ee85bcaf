"""What apps and vendors sent is printed whole, and no terminal obeys it."""

import io

from rich.text import Text

from tools.operator.output import table
from tools.terminal import Terminal

HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\x7f\u202egnp\u2066\ud800"


def printed(width: int, *what: object) -> str:
    terminal = Terminal(file=io.StringIO(), width=width)
    terminal.print(*what, markup=False)
    return terminal.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_nothing_is_obeyed() -> None:
    shown = printed(80, HOSTILE)

    assert "]0;title" in shown
    assert shown.rstrip("\n").isprintable()


def test_what_replaces_a_control_character_takes_no_other_ones_place() -> None:
    cells = table("a")
    cells.add_row(Text(HOSTILE + "4567894567" * 4))

    shown = printed(20, cells)

    assert shown.replace("\n", "").replace(" ", "").endswith("4567894567" * 4)
    assert max(map(len, shown.splitlines())) <= 20


def test_styles_stay() -> None:
    terminal = Terminal(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    terminal.print(Text.assemble("a\x1b", ("b", "red"), "c"))

    assert terminal.file.getvalue() == "a\ufffd\x1b[31mb\x1b[0mc\n"  # type: ignore[attr-defined]
