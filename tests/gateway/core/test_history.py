"""What is noted of an event: only what was begun, by the thread that sends it, and told once."""

import hashlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.core import history
from gateway.core.errors import NotYet, Refused, Setup, TimedOut, Transient
from gateway.core.reply import Reply

OK = Reply(status=200)


@pytest.fixture(autouse=True)
def _begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    history.begin("e")
    yield
    history.told("e")


def left(status: int | None = 200, error: Exception | None = None) -> None:
    history.tried("POST", "/v1/x?y=1", b"body", status=status, since=time.monotonic(), error=error)


def outcomes(event: str = "e") -> list[Any]:
    return [(made["status"], made["outcome"]) for made in history.told(event).get("tries", [])]


def test_a_request_is_noted_for_the_events_that_are_sent() -> None:
    history.begin("f")
    history.begin("another")

    with history.About("e", "f"):
        left(503, Transient("status 503"))
        with history.About("f"):
            left()
    left()

    assert outcomes("e") == [(503, "transient")]
    assert outcomes("f") == [(503, "transient"), (200, "delivered")]
    assert outcomes("another") == []


def test_nothing_is_kept_of_an_event_that_was_not_begun() -> None:
    with history.About("unheard") as about:
        left()
        history.note("unheard", claim="ours")
        history.explain("unheard", "held")
        about.ended([OK])

    assert history.told("unheard") == {}
    assert history.told("e") == {}
    history.note("e", claim="ours")
    assert history.told("e") == {}, "told before"


def test_threads_do_not_mix_their_requests() -> None:
    history.begin("f")

    def send() -> None:
        with history.About("f"):
            left(500, Transient("status 500"))

    with history.About("e"):
        thread = threading.Thread(target=send)
        thread.start()
        thread.join()
        left()

    assert (outcomes("e"), outcomes("f")) == ([(200, "delivered")], [(500, "transient")])


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Refused(Reply(status=400)), "refused"),
        (Setup("status 401"), "setup"),
        (Setup("unknown app id"), "setup"),
        (Transient("status 503"), "transient"),
        (NotYet("status 429"), "transient"),
        (Transient("garbage"), "garbage"),
        (TimedOut(), "timeout"),
        (ValueError("says what nobody may read"), "fault"),
    ],
)
def test_an_outcome_is_in_fixed_words(error: Exception, word: str) -> None:
    with history.About("e"):
        left(None, error)

    assert outcomes() == [(None, word)]


def test_an_answers_later_check_decides_on_its_request() -> None:
    with history.About("e") as about:
        left()
        about.ended([Transient("garbage", may_have_arrived=True)])

    assert outcomes() == [(200, "garbage")]


def test_what_was_not_tried_leaves_the_answers_before_it() -> None:
    with history.About("e") as about:
        with history.About(accepted=history.ANSWERED):
            left()
        about.ended([NotYet("no time", tried=False)])

    assert outcomes() == [(200, "answered")]


def test_a_send_without_http_is_noted_as_a_whole() -> None:
    history.begin("f")
    history.begin("unsent")

    with history.About("e", "f", "unsent") as about:
        about.ended([OK, Transient("locked"), NotYet("store busy", tried=False)])

    assert outcomes("e") == [(None, "delivered")]
    assert outcomes("f") == [(None, "locked")]
    assert outcomes("unsent") == []


def test_the_first_reason_stands() -> None:
    history.explain("e", "held")
    history.explain("e", "queue first")

    assert history.told("e") == {"reason": "held"}


def test_requests_are_named_in_a_local_run_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with history.About("e"):
        left()
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
        left()

    on_aws, local = history.told("e")["tries"]
    assert "request" not in on_aws
    assert local["request"] == hashlib.sha256(b"POST /v1/x?y=1\nbody").hexdigest()[:16]
    assert local["request"] == history.digest("POST", "/v1/x?y=1", b"body")


def test_each_thread_sends_its_own() -> None:
    history.begin("f")
    both = threading.Barrier(2, timeout=5)

    def send(event: str, status: int) -> None:
        with history.About(event):
            both.wait()
            left(status)
            both.wait()

    threads = [threading.Thread(target=send, args=each) for each in (("e", 201), ("f", 202))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (outcomes("e"), outcomes("f")) == ([(201, "delivered")], [(202, "delivered")])


def test_a_send_without_http_after_one_with_it_is_a_try_of_its_own() -> None:
    with history.About("e"):
        left(503, Transient("status 503"))
    with history.About("e") as about:
        about.ended([OK])

    assert outcomes() == [(503, "transient"), (None, "delivered")]


def test_a_look_up_that_a_check_refuses_is_no_success() -> None:
    with history.About("e") as about:
        with history.About(accepted=history.ANSWERED):
            left()
        about.ended([Transient("garbage")])

    assert outcomes() == [(200, "garbage")]


def test_an_event_that_is_begun_again_has_no_past() -> None:
    with history.About("e"):
        left()
    history.begin("e")

    assert history.told("e") == {}


def test_a_try_is_measured_in_milliseconds() -> None:
    with history.About("e"):
        history.tried("GET", "/", b"", status=200, since=time.monotonic() - 1.5, error=None)

    (made,) = history.told("e")["tries"]
    assert 1500 <= made["milliseconds"] < 15_000
