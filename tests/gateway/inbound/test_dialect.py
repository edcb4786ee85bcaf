"""How a dialect finds the words for an error, and what an answer to it carries beside them."""

import json

import pytest

from gateway.core import errors
from gateway.core.answer import Answer, json_answer
from gateway.core.errors import (
    BadIdempotencyKey,
    ClientError,
    ClientKeyNotAllowed,
    ClientKeyRefused,
    ClientKeysUnavailable,
    EmptyBody,
    Fault,
    GatewayError,
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    Invalid,
    NotYet,
    Refused,
    Setup,
    TimedOut,
    TooLarge,
    Transient,
    Undeliverable,
    UnknownPath,
    UnknownResource,
    Unreadable,
    UpstreamError,
    UpstreamFailed,
    WrongMethod,
)
from gateway.core.problem import Problem, ProblemKind
from gateway.core.reply import Reply
from gateway.inbound.dialect import Dialect


class Plain(Dialect):
    """The shared words, in the plainest envelope."""

    def error(self, status: int, text: str) -> Answer:
        return json_answer(status, text)


class Stern(Plain):
    """Words a class of errors differently."""

    def key_refused(self, error: ClientKeyRefused) -> Answer:
        return self.error(401, "No")


ERRORS = [
    UnknownPath(),
    UnknownResource(),
    WrongMethod("PUT"),
    ClientKeyRefused(),
    ClientKeyNotAllowed("7"),
    TooLarge(9),
    EmptyBody(),
    Unreadable(),
    Invalid(Problem("a", ProblemKind.ABSENT, "is required")),
    BadIdempotencyKey(255),
    IdempotencyKeyInFlight(3),
    IdempotencyKeyReused(),
    Refused(Reply(status=404)),
    ClientKeysUnavailable(),
    Undeliverable(Transient("reset")),
    UpstreamFailed(Transient("reset")),
    Fault(),
]
"""One of each class that an app can meet."""

NEVER_SHOWN = {GatewayError, ClientError, UpstreamError, Transient, TimedOut, NotYet, Setup}
"""Bases, and failures that an app meets as Undeliverable."""


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_that_an_app_can_meet_has_words(error: GatewayError) -> None:
    answer = Plain().answer(error)

    assert 400 <= answer.status < 600
    assert json.loads(answer.body or b'"relayed"')
    assert answer.headers["Gateway-Error"]


def test_the_list_of_errors_is_complete() -> None:
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    tree = {each for each in classes if issubclass(each, GatewayError)}

    assert tree - NEVER_SHOWN == {type(error) for error in ERRORS}


def test_a_class_without_words_of_its_own_has_those_above_it() -> None:
    class Forged(ClientKeyRefused):
        kind = "key forged"

    answer = Stern().answer(Forged())

    assert (answer.status, answer.headers["Gateway-Error"]) == (401, "key forged")


def test_overriding_the_words_of_one_system_leaves_the_others_alone() -> None:
    assert Stern().answer(ClientKeyRefused()).status == 401
    assert Stern().answer(ClientKeyNotAllowed("7")).status == 401
    assert Plain().answer(ClientKeyRefused()).status == 403


@pytest.mark.parametrize(
    ("error", "name", "value"),
    [
        (WrongMethod("PUT", "OPTIONS"), "Allow", "PUT, OPTIONS"),
        (IdempotencyKeyInFlight(3), "Retry-After", "3"),
        (ClientKeysUnavailable(), "Retry-After", "5"),
        (Undeliverable(TimedOut()), "Retry-After", "5"),
        (UpstreamFailed(Transient("status 429", retry_after=7)), "Retry-After", "7"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_headers_that_http_asks_for(error: GatewayError, name: str, value: str) -> None:
    assert Plain().answer(error).headers[name] == value


def test_a_relayed_hint_is_not_replaced() -> None:
    class Relaying(Plain):
        def undeliverable(self, error: Undeliverable) -> Answer:
            return super().undeliverable(error).with_headers(**{"Retry-After": "60"})

    assert Relaying().answer(Undeliverable(Transient("reset"))).headers["Retry-After"] == "60"


@pytest.mark.parametrize(
    ("error", "text", "delivery"),
    [
        (UnknownPath(), "unknown path", None),
        (UnknownResource(), "unknown resource", "rejected"),
        (WrongMethod("PUT"), "wrong method", None),
        (EmptyBody(), "empty body", "rejected"),
        (Unreadable("invalid JSON"), "invalid JSON", "rejected"),
        (Unreadable("n\u00f6 JSON\r\n"), "n? JSON??", "rejected"),
        (Unreadable("x" * 600), "x" * 512, "rejected"),
        (Invalid(Problem("a b", ProblemKind.ABSENT, "is required")), "[name] is required", "rejected"),
        (Refused(Reply(status=404)), "upstream: status 404", "rejected"),
        (Undeliverable(TimedOut()), "upstream: timeout", "unknown"),
        (Fault(), "fault", "unknown"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_reason_in_a_header_and_what_became_of_the_event(
    error: GatewayError, text: str, delivery: str | None
) -> None:
    answer = Plain().answer(error)

    assert (answer.headers["Gateway-Error"], answer.delivery) == (text, delivery)
