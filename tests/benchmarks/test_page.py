"""docs/performance.md says what was measured: a missed goal as missed, a row that failed as not measured."""

import pytest

from benchmarks.frame.figure import Figure
from benchmarks.frame.page import PAGE, Row, text, with_figures

ROWS = [
    Row(
        name="calls",
        about="Side by side.",
        figures=(
            Figure(name="cold start", values=(0.4, 0.3, 0.5), at_most=0.5),
            Figure(name="warm call", values=(1.25,), at_most=0.9),
            Figure(name="cold start, against bare", values=(1.5, 2.0, 2.5)),
            Figure(name="cold start", values=(90.0, 100.0, 110.0), unit="ms", of="bare"),
        ),
    ),
    Row(name="drain", about="Through a queue.", failure="MariaDB is not installed"),
]


def test_goals_are_met_or_missed() -> None:
    lines = text(ROWS, "Today.").splitlines()

    assert "| cold start | ≤ 0.5 | 0.400 | 0.300 | 0.500 | yes |" in lines
    assert "| warm call | ≤ 0.9 | 1.25 | 1.25 | 1.25 | **missed** |" in lines
    assert "| cold start, against bare | 2 | 1.50 | 2.50 |" in lines
    assert "| `benchmarks/drain.py` | | not measured: MariaDB is not installed | | | **missed** |" in lines


def test_what_is_behind_the_ratios_has_a_table() -> None:
    lines = text(ROWS, "Today.").splitlines()

    assert "| median (min to max) | cold start, ms |" in lines
    assert "| bare | 100 (90 to 110) |" in lines


def test_only_the_figures_are_replaced() -> None:
    page = "before\n<!-- figures: x -->\nof yesterday\n<!-- /figures -->\nafter\n"

    written = with_figures(page, ROWS, "Today.")

    assert written.startswith("before\n<!-- figures: x -->\n\nToday.\n")
    assert written.endswith("\n<!-- /figures -->\nafter\n")
    assert "of yesterday" not in written
    assert with_figures(written, ROWS, "Today.") == written


def test_the_page_has_one_place_for_figures() -> None:
    assert with_figures(PAGE.read_text(), ROWS, "Today.")
    with pytest.raises(ValueError, match="one place"):
        with_figures("no place", ROWS, "Today.")
