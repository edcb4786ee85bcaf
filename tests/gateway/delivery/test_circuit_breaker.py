"""The breaker: five failures open it, one call a while finds out, an answer of any kind closes it."""

import threading
import time

from gateway.core.errors import NotYet, Refused, Setup, Transient
from gateway.core.reply import Reply
from gateway.delivery.circuit_breaker import CircuitBreaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_five_failures_open_it_longer_each_time() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock)
    for _ in range(4):
        breaker.note(Transient("reset"))
    assert breaker.wait == 0

    breaker.note(Transient("reset"))
    assert breaker.wait == 5
    clock.now += 5
    assert breaker.wait == 0

    breaker.note(Transient("timeout"))
    assert breaker.wait == 10
    for _ in range(10):
        breaker.note(Transient("timeout"))
    assert breaker.wait == 60


def test_its_waits_shrink_with_the_setting() -> None:
    breaker = CircuitBreaker(Clock(), scale=0.01)
    breaker.note(Transient("status 503", retry_after=50, reply=Reply(status=503)))
    assert breaker.wait == 0.5


def test_any_answer_closes_it() -> None:
    for answer in (None, Setup("status 401"), Refused(Reply(status=400))):
        breaker = CircuitBreaker(Clock())
        for _ in range(5):
            breaker.note(Transient("reset"))
        breaker.note(answer)
        assert breaker.wait == 0


def test_an_upstream_that_asks_for_time_gets_it() -> None:
    breaker = CircuitBreaker(Clock())
    breaker.note(Transient("status 503", retry_after=7, reply=Reply(status=503)))
    assert breaker.wait == 7

    breaker.note(Transient("status 503", retry_after=10**6, reply=Reply(status=503)))
    assert breaker.wait == 60


def test_a_429_may_be_about_one_user() -> None:
    breaker = CircuitBreaker(Clock())
    breaker.note(Transient("status 429", retry_after=3600, reply=Reply(status=429)))
    assert breaker.wait == 0
    for _ in range(4):
        breaker.note(Transient("status 429", retry_after=3600, reply=Reply(status=429)))
    assert breaker.wait == 5


def test_a_task_whose_time_has_not_come_is_no_sign_of_how_the_upstream_is() -> None:
    breaker = CircuitBreaker(Clock())
    for _ in range(4):
        breaker.note(Transient("reset"))
    for _ in range(10):
        breaker.note(NotYet("status 404"))
    assert breaker.wait == 0

    breaker.note(Transient("reset"))
    assert breaker.wait == 5
    breaker.note(NotYet("waiting", tried=False))
    assert breaker.wait == 5


def _half_open(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock)
    for _ in range(5):
        breaker.note(Transient("reset"))
    clock.now += 5
    return breaker


def _from_another_thread(breaker: CircuitBreaker, *, patience: float = 0) -> float:
    found: list[float] = []
    thread = threading.Thread(target=lambda: found.append(breaker.enter(patience=patience)))
    thread.start()
    thread.join()
    return found[0]


def test_half_open_it_lets_one_through() -> None:
    breaker = _half_open(Clock())

    assert breaker.enter() == 0
    assert breaker.enter() == 0  # the same call, asked again before its send
    assert _from_another_thread(breaker) == 5
    breaker.note(Refused(Reply(status=400)))
    assert _from_another_thread(breaker) == 0


def test_one_that_sent_nothing_after_all_leaves_its_turn_to_another() -> None:
    breaker = _half_open(Clock())
    breaker.enter()
    breaker.leave()

    assert _from_another_thread(breaker) == 0


def test_the_others_wait_for_its_end() -> None:
    clock = Clock()
    breaker = _half_open(clock)
    passed: list[float] = []
    breaker.enter()
    others = [threading.Thread(target=lambda: passed.append(breaker.enter(patience=5))) for _ in range(10)]
    for other in others:
        other.start()
    time.sleep(0.05)
    assert passed == []

    breaker.note(None)
    breaker.leave()
    for other in others:
        other.join(5)

    assert passed == [0] * 10


def test_the_others_hear_that_it_failed() -> None:
    clock = Clock()
    breaker = _half_open(clock)
    waits: list[float] = []
    breaker.enter()
    other = threading.Thread(target=lambda: waits.append(breaker.enter(patience=5)))
    other.start()
    time.sleep(0.05)

    breaker.note(Transient("reset"), began=clock.now)
    breaker.leave()
    other.join(5)

    assert waits == [10]


def test_what_began_before_it_opened_does_not_open_it_for_longer() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock)
    clock.now += 1
    for _ in range(25):
        breaker.note(Transient("reset"), began=100)

    assert breaker.wait == 5
