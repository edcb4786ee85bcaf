"""Strands: each piece of work once, no more at a time than allowed, and order where two share a name."""

import queue
import threading
import time
from collections.abc import Callable, Hashable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.delivery.strands import grouped, side_by_side

NAMES = st.lists(st.frozensets(st.sampled_from("abc"), max_size=2), max_size=12)


class Work:
    """Pieces that note when they begin and end."""

    def __init__(self, count: int, *, seconds: float = 0) -> None:
        self.events: list[tuple[str, int]] = []
        self.most = 0
        self._seconds = seconds
        self._running = 0
        self._lock = threading.Lock()
        self.pieces: list[Callable[[], object]] = [partial(self._carry_out, place) for place in range(count)]

    @property
    def begun(self) -> list[int]:
        return [place for event, place in self.events if event == "begun"]

    def _carry_out(self, place: int) -> None:
        with self._lock:
            self.events.append(("begun", place))
            self._running += 1
            self.most = max(self.most, self._running)
        time.sleep(self._seconds)
        with self._lock:
            self._running -= 1
            self.events.append(("ended", place))


@given(names=NAMES, threads=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_each_is_done_once_in_the_order_of_what_it_shares(
    names: list[frozenset[Hashable]], threads: int
) -> None:
    work = Work(len(names))

    side_by_side(work.pieces, names, threads=threads)

    assert sorted(work.begun) == list(range(len(names)))
    assert work.most <= threads
    for earlier in range(len(names)):
        for later in range(earlier + 1, len(names)):
            if names[earlier] & names[later]:
                assert work.events.index(("ended", earlier)) < work.events.index(("begun", later))


def test_without_more_threads_those_that_there_are_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised half-way, the error would leave threads behind that go on sending."""
    work, left, start = Work(6, seconds=0.01), [None], threading.Thread.start

    def limited(thread: threading.Thread) -> None:
        if not left:
            raise RuntimeError("can't start new thread")
        left.pop()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    side_by_side(work.pieces, [frozenset()] * 6, threads=4)

    assert (sorted(work.begun), work.most) == (list(range(6)), 2)


def test_what_shares_a_name_never_overlaps() -> None:
    work = Work(6, seconds=0.005)

    side_by_side(work.pieces, [frozenset({"same"})] * 6, threads=6)

    assert (work.most, work.begun) == (1, list(range(6)))


def test_what_shares_nothing_goes_side_by_side() -> None:
    together = threading.Barrier(4, timeout=5)

    side_by_side([together.wait] * 4, [frozenset({place}) for place in range(4)], threads=4)


def test_one_who_waits_keeps_nobody_else_back() -> None:
    free = threading.Event()
    ended: list[str] = []
    pieces: list[Callable[[], object]] = [
        lambda: free.wait(5),
        partial(ended.append, "second of a"),
        partial(_first, ended, free),
    ]

    side_by_side(pieces, [frozenset("a"), frozenset("a"), frozenset("b")], threads=2)

    assert ended == ["b", "second of a"]


def _first(ended: list[str], free: threading.Event) -> None:
    ended.append("b")
    free.set()


def test_a_thread_that_is_told_to_exit_ends_the_batch() -> None:
    work = Work(2)

    def leave() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        side_by_side([leave, *work.pieces], [frozenset("a")] * 3, threads=2)
    assert work.begun == []


@given(
    names=NAMES,
    kinds=st.lists(st.sampled_from([None, "one", "two"]), min_size=12, max_size=12),
    at_once=st.integers(1, 4),
)
@settings(max_examples=200, deadline=None)
def test_groups_hold_each_place_once_in_the_order_of_what_it_shares(
    names: list[frozenset[Hashable]], kinds: list[str | None], at_once: int
) -> None:
    groups = grouped(names, kinds[: len(names)], at_once=at_once)

    order = [place for group in groups for place in group]
    assert sorted(order) == list(range(len(names)))
    for group in groups:
        assert len(group) <= at_once
        assert len({kinds[place] for place in group}) == 1
        assert len(group) == 1 or kinds[group[0]] is not None
    for later, place in enumerate(order):
        for before in order[:later]:
            assert before < place or not names[before] & names[place]


def test_those_of_a_kind_leave_together_though_others_stand_between() -> None:
    names = [frozenset({place}) for place in range(5)]

    assert grouped(names, ["a", None, "a", "b", "a"], at_once=50) == [[0, 2, 4], [1], [3]]
    assert grouped(names, ["a"] * 5, at_once=2) == [[0, 1], [2, 3], [4]]


def test_a_group_is_closed_where_it_would_overtake_somebody() -> None:
    player = frozenset({"player"})

    assert grouped([player, player, player], ["a", None, "a"], at_once=50) == [[0], [1], [2]]


def test_the_first_exception_is_the_one_that_is_raised() -> None:
    begun = threading.Event()
    others: queue.Queue[threading.Thread] = queue.Queue()

    def fail() -> None:
        if threading.current_thread() is threading.main_thread():
            begun.set()
            others.get(timeout=10).join(10)
            raise ValueError("second")
        begun.wait(10)
        others.put(threading.current_thread())
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        side_by_side([fail, fail], [frozenset()] * 2, threads=2)
