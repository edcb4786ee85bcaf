"""How a system words errors: one method per class of error, chosen by single dispatch.

A system subclasses Dialect, defines `error`, its envelope, and overrides a method where its contract has
other words. The statuses here are the ones that the contracts share.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.core.answer import Answer, relayed
from gateway.core.errors import (
    BadIdempotencyKey,
    ClientKeyNotAllowed,
    ClientKeyRefused,
    ClientKeysUnavailable,
    EmptyBody,
    Fault,
    GatewayError,
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    Invalid,
    Refused,
    TooLarge,
    Undeliverable,
    UnknownPath,
    UnknownResource,
    Unreadable,
    UpstreamFailed,
    WrongMethod,
)
from gateway.core.problem import Problem, ProblemKind

MAX_REASON = 512
"""Characters of `Gateway-Error`."""

_METHODS: dict[type[GatewayError], str] = {}


def _words[E: GatewayError](
    kind: type[E],
) -> Callable[[Callable[[Any, E], Answer]], Callable[[Any, E], Answer]]:
    """Make a method of Dialect, or its override in a system, the wording of a class of errors."""

    def mark(method: Callable[[Any, E], Answer]) -> Callable[[Any, E], Answer]:
        _METHODS[kind] = method.__name__
        return method

    return mark


class Dialect:
    """The wording that systems share; see the module."""

    def answer(self, error: GatewayError) -> Answer:
        """The answer to an error: the system's wording, what became of the event, and `Gateway-Error`.

        If the wording sets one of the error's headers itself, such as a relayed `Retry-After`, that one wins.
        """
        method = next(_METHODS[kind] for kind in type(error).__mro__ if kind in _METHODS)
        worded: Answer = getattr(self, method)(error)
        missing = {name: value for name, value in error.headers.items() if name not in worded.headers}
        reason = re.sub(r"[^ -~]", "?", error.detail or error.kind)[:MAX_REASON]
        answer = worded.with_headers(**missing, **{"Gateway-Error": reason})
        return replace(answer, delivery=answer.delivery or error.delivery)

    def error(self, status: int, text: str) -> Answer:
        """The system's error envelope around a text."""
        raise NotImplementedError

    @_words(UnknownPath)
    def unknown_path(self, error: UnknownPath) -> Answer:
        """404."""
        return self.error(404, "Not found")

    @_words(UnknownResource)
    def unknown_resource(self, error: UnknownResource) -> Answer:
        """404."""
        return self.unknown_path(error)

    @_words(WrongMethod)
    def wrong_method(self, error: WrongMethod) -> Answer:
        """405."""
        return self.error(405, "Method not allowed")

    @_words(ClientKeyRefused)
    def key_refused(self, error: ClientKeyRefused) -> Answer:
        """403; some contracts say 401."""
        return self.error(403, "Forbidden")

    @_words(ClientKeyNotAllowed)
    def key_not_allowed(self, error: ClientKeyNotAllowed) -> Answer:
        """403; some contracts name the resource."""
        return self.key_refused(error)

    @_words(TooLarge)
    def too_large(self, error: TooLarge) -> Answer:
        """413."""
        return self.error(413, f"Request body is larger than {error.max_body} bytes")

    @_words(EmptyBody)
    def empty_body(self, error: EmptyBody) -> Answer:
        """400."""
        return self.unreadable(Unreadable("empty body"))

    @_words(Unreadable)
    def unreadable(self, error: Unreadable) -> Answer:
        """400."""
        return self.error(400, f"Parsing payload failure: {error.reason}")

    @_words(Invalid)
    def invalid(self, error: Invalid) -> Answer:
        """400."""
        return self.error(400, "; ".join(map(str, error.problems)))

    @_words(BadIdempotencyKey)
    def bad_idempotency_key(self, error: BadIdempotencyKey) -> Answer:
        """400."""
        form = f"1 to {error.longest} printable ASCII characters"
        problem = Problem("Idempotency-Key", ProblemKind.WRONG, f"must be {form}", form)
        return self.invalid(Invalid(problem))

    @_words(IdempotencyKeyInFlight)
    def key_in_flight(self, error: IdempotencyKeyInFlight) -> Answer:
        """409."""
        return self.error(409, "A request with this idempotency key is being processed")

    @_words(IdempotencyKeyReused)
    def key_reused(self, error: IdempotencyKeyReused) -> Answer:
        """422."""
        return self.error(422, "This idempotency key was used for another request")

    @_words(Refused)
    def refused(self, error: Refused) -> Answer:
        """The upstream's own 4xx: relayed unless the contract has an envelope for it."""
        return relayed(error.reply)

    @_words(ClientKeysUnavailable)
    def keys_unavailable(self, error: ClientKeysUnavailable) -> Answer:
        """503."""
        return self.error(503, "Service unavailable; try again later")

    @_words(Undeliverable)
    def undeliverable(self, error: Undeliverable) -> Answer:
        """503; a contract may say 502, or 504 after a timeout: `error.cause.status`."""
        return self.error(503, "The upstream cannot be reached; try again later")

    @_words(UpstreamFailed)
    def upstream_failed(self, error: UpstreamFailed) -> Answer:
        """The same; a contract may relay `error.cause.reply`, and mark the answer."""
        return self.undeliverable(error)

    @_words(Fault)
    def fault(self, error: Fault) -> Answer:
        """500."""
        return self.error(500, "Internal server error")
