"""Whatever rows the data breaks: exactly those fail, each other one is put once, and in few statements."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import Refused, Setup, Transient, UpstreamError
from track.stores.bisect import put_bisected
from track.stores.record import Record, record_of, refused

from .conftest import task_of

RECORDS = [record_of(task_of("UserEvent", f"{number:026d}")) for number in range(100)]


@given(size=st.integers(1, 100), bad=st.sets(st.integers(0, 99)))
def test_exactly_the_bad_rows_fail(size: int, bad: set[int]) -> None:
    records = RECORDS[:size]
    stored: list[Record] = []
    statements = 0

    def put(part: Sequence[Record]) -> None:
        nonlocal statements
        statements += 1
        if any(RECORDS.index(record) in bad for record in part):
            raise refused("bad")
        stored.extend(part)

    outcomes = put_bisected(records, put)

    broken = {index for index in bad if index < size}
    assert {index for index, outcome in enumerate(outcomes) if isinstance(outcome, Refused)} == broken
    assert stored == [record for index, record in enumerate(records) if index not in broken]
    assert statements <= 1 + 2 * len(broken) * 7


def test_a_lost_connection_fails_all_that_was_not_committed() -> None:
    answers: list[UpstreamError | None] = [
        refused("bad"),
        None,
        Transient("connection lost", may_have_arrived=True),
    ]

    def put(part: Sequence[Record]) -> None:
        if answer := answers.pop(0):
            raise answer

    outcomes = put_bisected(RECORDS[:4], put)
    assert outcomes[:2] == [None, None]
    assert [isinstance(outcome, Transient) and outcome.may_have_arrived for outcome in outcomes[2:]] == [
        True,
        True,
    ]
    assert answers == []


def test_after_a_lost_connection_nothing_more_is_sent() -> None:
    answers: list[UpstreamError | None] = [
        refused("bad"),
        Transient("connection lost", may_have_arrived=True),
    ]

    def put(part: Sequence[Record]) -> None:
        if answer := answers.pop(0):
            raise answer

    outcomes = put_bisected(RECORDS[:4], put)

    assert [isinstance(outcome, Transient) and outcome.may_have_arrived for outcome in outcomes] == [
        True,
        True,
        False,
        False,
    ]


def test_a_setup_failure_is_every_rows_own() -> None:
    def put(part: Sequence[Record]) -> None:
        raise Setup("table missing")

    assert [type(outcome) for outcome in put_bisected(RECORDS[:3], put)] == [Setup, Setup, Setup]
