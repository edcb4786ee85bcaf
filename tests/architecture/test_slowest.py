"""The end of a run names its slowest tests, with what they took in all phases."""

import pytest

from tests.slowest import SHOWN, slowest


def report(test: str, when: str, seconds: float) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=test,
        location=("", None, ""),
        keywords={},
        outcome="passed",
        longrepr=None,
        when=when,  # type: ignore[arg-type]
        duration=seconds,
    )


def test_the_slowest_come_first_with_all_their_phases() -> None:
    reports = [
        report("quick", "call", 0.5),
        report("slow", "call", 2.0),
        report("first@local", "setup", 25.0),
        report("first@local", "call", 0.5),
        report("slow", "teardown", 0.5),
        report("last", "call", 0.5),
        report("last", "teardown", 61.6),
    ]

    assert list(slowest(reports)) == [
        "  62.1 s  last, 61.6 s of it tearing down",
        "  25.5 s  first, 25.0 s of it setting up",
        "   2.5 s  slow",
    ]


def test_ten_are_named() -> None:
    assert len(list(slowest(report(str(number), "call", 2.0) for number in range(30)))) == SHOWN
