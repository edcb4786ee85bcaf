"""Time that a frozen function does not notice, and a wall clock that is set."""

import pytest

from gateway.core.clock import Clock


@pytest.mark.parametrize(
    ("monotonic", "wall", "expected"),
    [
        ([0, 5], [1000, 1005], 5),
        ([0, 0.1], [1000, 4600], 3600),  # frozen for an hour
        ([0, 5], [1000, 400], 5),  # the wall clock was set back
        ([0, 0.1, 5.1], [1000, 1600, 1000], 605),  # frozen, then set back: what has passed, has
    ],
)
def test_the_larger_of_both_clocks(monotonic: list[float], wall: list[float], expected: float) -> None:
    first, second = iter(monotonic), iter(wall)
    clock = Clock(lambda: next(first), lambda: next(second))

    readings = [clock() for _ in monotonic[1:]]

    assert readings[-1] == pytest.approx(expected)
    assert readings == sorted(readings)
