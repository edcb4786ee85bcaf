"""The pace: a window that a 429 halves and successes widen again, and a rate."""

import threading
import time

import pytest

from gateway.core.clock import passed
from gateway.core.errors import NotYet, Transient, UpstreamError
from gateway.core.reply import Reply
from gateway.delivery.pace import Pace

OK = Reply(status=200)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def limited(retry_after: int | None = None) -> Transient:
    return Transient("status 429", retry_after=retry_after, reply=Reply(status=429))


def admitted(pace: Pace) -> int:
    """How many more may begin now; they stay inside."""
    count = 0
    while not pace.enter():
        count += 1
    return count


def test_as_many_as_allowed_are_inside_at_a_time() -> None:
    pace = Pace(3, clock=Clock())

    assert admitted(pace) == 3
    pace.leave(OK, began=100)
    assert admitted(pace) == 1


def test_a_limit_halves_the_window_once_for_all_that_were_in_progress() -> None:
    clock = Clock()
    pace = Pace(8, clock=clock)
    admitted(pace)
    clock.now += 1
    for _ in range(8):
        pace.leave(limited(), began=100)
    clock.now += 5

    assert admitted(pace) == 4

    for _ in range(4):
        pace.leave(limited(), began=clock.now)
    clock.now += 5
    assert admitted(pace) <= 2


def test_one_always_goes_on() -> None:
    clock = Clock()
    pace = Pace(4, clock=clock)
    for _ in range(20):
        assert pace.enter() == 0
        clock.now += 1
        pace.leave(limited(), began=clock.now)
        clock.now += 10

    assert admitted(pace) == 1


def test_successes_widen_it_again_up_to_the_most() -> None:
    clock = Clock()
    pace = Pace(4, clock=clock)
    pace.enter()
    pace.leave(limited(), began=100)
    clock.now += 5
    for _ in range(40):
        assert pace.enter() == 0
        pace.leave(OK, began=clock.now)

    assert admitted(pace) == 4


@pytest.mark.parametrize(("asked", "seconds"), [(None, 1), (3, 3), (900, 5)])
def test_a_limit_pauses_all_but_not_for_long(asked: int | None, seconds: float) -> None:
    clock = Clock()
    pace = Pace(4, clock=clock)
    pace.enter()
    pace.leave(limited(asked), began=100)

    assert pace.enter() == seconds
    clock.now += seconds
    assert pace.enter() == 0


@pytest.mark.parametrize(
    "outcome",
    [
        None,
        Transient("timeout"),
        Transient("status 503", reply=Reply(status=503)),
        NotYet("status 429", tried=False, reply=Reply(status=429)),
    ],
)
def test_nothing_else_slows_it_down(outcome: UpstreamError | None) -> None:
    pace = Pace(2, clock=Clock())
    pace.enter()
    pace.leave(outcome, began=100)

    assert admitted(pace) == 2


def test_a_rate_spaces_out_what_begins() -> None:
    clock = Clock()
    pace = Pace(50, per_second=4, clock=clock)

    assert pace.enter() == 0
    assert pace.enter() == 0.25
    clock.now += 0.25
    assert pace.enter() == 0
    assert pace.enter() == 0.25


def test_threads_wait_for_their_turn_and_the_rate_holds() -> None:
    pace, begun = Pace(50, per_second=100), []

    def send() -> None:
        assert pace.enter(patience=60) == 0
        begun.append(passed())
        pace.leave(OK, began=passed())

    threads = [threading.Thread(target=send) for _ in range(21)]
    started = passed()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # A thread may wake up late, and none may begin before its turn.
    assert all(at > started + turn / 100 - 1e-6 for turn, at in enumerate(sorted(begun)))


def test_who_would_wait_too_long_is_told_so_at_once() -> None:
    pace = Pace(50, per_second=1, clock=Clock())
    pace.enter()

    assert pace.enter(patience=0.5) == 1


def test_who_has_no_patience_left_enters_or_is_told_to_wait() -> None:
    """Its time may end between two readings of the clock."""
    pace = Pace(1, clock=Clock())

    assert pace.enter(patience=-0.001) == 0
    assert pace.enter(patience=-0.001) > 0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    clock = Clock()
    pace = Pace(4, clock=clock)
    pace.enter()
    pace.enter()
    pace.leave(limited(5), began=100)
    pace.leave(limited(1), began=100)

    assert pace.enter() == 5


def test_a_proof_waits_a_fraction_of_the_pause() -> None:
    pace = Pace(4, clock=Clock(), scale=0.01)
    pace.enter()
    pace.leave(limited(5), began=100)

    assert pace.enter() == pytest.approx(0.05)


def test_a_pause_also_holds_for_who_has_a_turn_already() -> None:
    pace, entered = Pace(5, per_second=20, scale=0.3), []
    pace.enter()

    def enter() -> None:
        assert pace.enter(patience=10) == 0
        entered.append(passed())

    waiting = threading.Thread(target=enter)
    waiting.start()
    time.sleep(0.02)
    paused = passed()
    pace.leave(limited(), began=paused)
    waiting.join()

    assert entered[0] - paused >= 0.3
