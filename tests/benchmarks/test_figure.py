"""A figure meets its goal by its median, and shows the digits that count."""

import pytest

from benchmarks.frame.figure import Figure, ratios, shown


@pytest.mark.parametrize(
    ("values", "goal", "met"),
    [
        ((0.4, 0.5, 9.0), {"at_most": 0.5}, True),
        ((0.4, 0.51, 0.6), {"at_most": 0.5}, False),
        ((10.0, 45.0, 46.0), {"at_least": 45}, True),
        ((44.9,), {"at_least": 45}, False),
        ((1.0,), {}, True),
    ],
)
def test_the_median_meets_the_goal(values: tuple[float, ...], goal: dict[str, float], met: bool) -> None:
    assert Figure(name="f", values=values, **goal).met is met  # type: ignore[arg-type]


def test_goals_are_shown() -> None:
    assert Figure(name="f", values=(1.0,), at_most=0.65).goal == "≤ 0.65"
    assert Figure(name="f", values=(1.0,), at_least=40_000).goal == "≥ 40,000"
    assert Figure(name="f", values=(1.0,)).goal == ""


def test_a_ratio_is_of_one_round() -> None:
    assert ratios((1.0, 4.0), (2.0, 1.0)) == (0.5, 4.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5123, "0.512"), (4.518, "4.52"), (45.67, "45.7"), (223.4, "223"), (41_300.2, "41,300"), (8, "8")],
)
def test_digits_that_count(value: float, text: str) -> None:
    assert shown(value) == text
