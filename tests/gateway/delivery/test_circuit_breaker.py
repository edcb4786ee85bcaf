"""The breaker: five failures open it, one call a while finds out, an answer of any kind closes it."""

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
