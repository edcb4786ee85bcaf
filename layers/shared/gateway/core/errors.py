"""Everything that can go wrong with a call, once.

GatewayError
├── ClientError            the client's: refused here, nothing was kept
│   ├── UnknownPath · UnknownResource · WrongMethod
│   ├── KeyRefused · KeyNotAllowed
│   ├── TooLarge · EmptyBody · Unreadable · Invalid
│   └── BadIdempotencyKey · KeyInFlight · KeyReused
├── UpstreamError          the upstream's, or ours towards it
│   ├── Transient          worth another try: unreachable, slow, 408, 429, 5xx, garbage
│   ├── Setup              ours to mend: a credential that is missing or refused, an unknown app id
│   └── Refused            permanent: the upstream's own 4xx
├── KeysUnreadable         who may call cannot be known now
├── Undeliverable          could not be sent and could not be queued
│   └── UpstreamFailed     … for only the upstream's own answer would do
└── Fault                  a fault of ours

A class knows what it means; `worded` hands it to the dialect's method of that meaning, which knows the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

DeliveryStatus = Literal["delivered", "queued", "rejected", "unknown"]
"""What became of the event; the header `Gateway-Delivery`."""

if TYPE_CHECKING:
    from gateway.core.answer import Answer, Dialect
    from gateway.core.task import Reply


_STEP = re.compile(r"[A-Za-z0-9_-]{1,40}|\[[0-9]+\]")
"""A step of a field's path that is surely a name, or an index."""

MAX_STEPS = 10

RETRY_SECONDS = 5
"""When a client's next try makes sense, where nobody said anything else."""


class GatewayError(Exception):
    """Base of the tree. `delivery` says what such an error means for the event (`Gateway-Delivery`)."""

    delivery: ClassVar[DeliveryStatus | None] = None
    reason_text: ClassVar[str] = ""

    @property
    def kind(self) -> str:
        """The reason in fixed words, for the log."""
        return self.reason_text

    @property
    def summary(self) -> str:
        """The reason in a few words, for `Gateway-Error`: field names at most, never a value."""
        return self.kind

    def worded(self, dialect: Dialect) -> Answer:
        """The dialect's answer to this error."""
        raise NotImplementedError


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field.

    `field` is its path (`scenes[1].scene_uid`), `kind` says whether it is not there, there but null or
    empty, a name that the contract does not know, or of a wrong form; `text` is fit for an answer and never
    quotes the value; `form` is the contract's own name of the right form, where it has one; `model` is the
    name of the model that the field belongs to.
    """

    field: str
    kind: Literal["absent", "empty", "unknown", "wrong"]
    text: str
    form: str = ""
    model: str = ""

    def __str__(self) -> str:
        """`player_id is required`."""
        return f"{self.field} {self.text}"

    @property
    def summary(self) -> str:
        """The same for a header: what a client put in a name's place may be a value, or a whole body."""
        steps = self.field.replace("[", ".[").removeprefix(".").split(".")
        is_name = len(steps) <= MAX_STEPS and all(map(_STEP.fullmatch, steps))
        return f"{self.field if is_name else '[name]'} {self.text}"


class ClientError(GatewayError):
    """The client's to mend."""

    delivery: ClassVar[DeliveryStatus | None] = "rejected"


class UnknownPath(ClientError):
    """No route has this path: there is no event to speak of."""

    reason_text = "unknown path"
    delivery = None

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.unknown_path()


class UnknownResource(ClientError):
    """The path names an app or a project that this gateway does not serve."""

    reason_text = "unknown resource"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.unknown_resource()


class WrongMethod(ClientError):
    """The path exists for other methods: `allow` lists them."""

    reason_text = "wrong method"
    delivery = None

    def __init__(self, *allow: str) -> None:
        """`allow`: upper-case methods."""
        self.allow = allow

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.wrong_method().with_headers(Allow=", ".join(self.allow))


class ClientKeyRefused(ClientError):
    """The client key is missing, malformed, unknown, expired or revoked."""

    reason_text = "key refused"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.key_refused()


class ClientKeyNotAllowed(ClientError):
    """The client key is good, but not for this app or project."""

    reason_text = "key not allowed"

    def __init__(self, resource: str) -> None:
        """`resource`: what was asked for."""
        self.resource = resource

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.key_not_allowed(self.resource)


class TooLarge(ClientError):
    """The body, unfolded, is over the contract's cap."""

    reason_text = "too large"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.too_large()


class EmptyBody(ClientError):
    """There is no body where the contract needs one."""

    reason_text = "empty body"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.empty_body()


class Unreadable(ClientError):
    """The body cannot be read as what the contract takes; `reason` says why."""

    reason_text = "unreadable"

    def __init__(self, reason: str = "invalid JSON") -> None:
        """`reason`: fit for an answer, without values."""
        self.reason = reason

    @property
    def summary(self) -> str:
        """The reason."""
        return self.reason

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.unreadable(self.reason)


class Invalid(ClientError):
    """The parameters break the contract's rules: at least one problem, in the document's order."""

    reason_text = "invalid"

    def __init__(self, *problems: Problem) -> None:
        """`problems`: in the document's order."""
        self.problems = problems

    @property
    def summary(self) -> str:
        """Every problem."""
        return "; ".join(problem.summary for problem in self.problems)

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.invalid(self.problems)


class BadIdempotencyKey(ClientError):
    """`Idempotency-Key` is not 1…255 printable ASCII characters."""

    reason_text = "bad idempotency key"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        form = "1 to 255 printable ASCII characters"
        return dialect.invalid((Problem("Idempotency-Key", "wrong", f"must be {form}", form),))


class IdempotencyKeyInFlight(ClientError):
    """The same idempotency key is being worked on; try again in `retry_after` seconds."""

    reason_text = "key in flight"

    def __init__(self, retry_after: int) -> None:
        """`retry_after`: whole seconds."""
        self.retry_after = retry_after

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.key_in_flight().with_headers(**{"Retry-After": str(self.retry_after)})


class IdempotencyKeyReused(ClientError):
    """The idempotency key was used for another request."""

    reason_text = "key reused"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.key_reused()


class UpstreamError(GatewayError):
    """The upstream did not take the call. `reason` goes to the log: one of a few fixed words. `status` is
    what a dialect that speaks of gateways answers: 502, or 504 where no answer came in time; `reply` is
    the upstream's own answer, where there was one; `retry_after` the seconds that it asked for. `tried` says
    whether the upstream was called at all, `unanswered` whether it may have taken the call."""

    reply: Reply | None = None
    retry_after: int | None = None
    unanswered: bool = False

    @property
    def unknown(self) -> bool:
        """Whether nobody knows the outcome. A 503 is an answer: the upstream says that it took nothing."""
        return self.unanswered and not (self.reply is not None and self.reply.status == 503)

    @property
    def status(self) -> int:
        """See the class."""
        return 504 if self.reason == "timeout" else 502

    def __init__(self, reason: str, *, tried: bool = True) -> None:
        """`reason`: fixed words such as `timeout`, `status 503`, never the upstream's text."""
        super().__init__(reason)
        self.reason = reason
        self.tried = tried

    @property
    def kind(self) -> str:
        """The reason."""
        return f"upstream: {self.reason}"


class Transient(UpstreamError):
    """Worth another try.

    `unanswered`: the request may have arrived (a timeout, a reset after it was sent); a refused connection
    or a 429 is not. `retry_after`: the seconds that the upstream asked for. `reply`: its answer, if any.
    """

    def __init__(
        self,
        reason: str,
        *,
        unanswered: bool = False,
        retry_after: int | None = None,
        reply: Reply | None = None,
        tried: bool = True,
    ) -> None:
        """See the class."""
        super().__init__(reason, tried=tried)
        self.unanswered = unanswered
        self.retry_after = retry_after
        self.reply = reply


class Setup(UpstreamError):
    """Ours to mend; raises an alarm, and is never shown to an app as its own fault."""


class Refused(UpstreamError):
    """The upstream's own 4xx, which another try would not change."""

    delivery = "rejected"
    reply: Reply

    def __init__(self, reply: Reply) -> None:
        """`reply`: what to relay."""
        super().__init__(f"status {reply.status}")
        self.reply = reply

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.refused(self.reply)


class Unsent(Exception):
    """A fault of ours before anything was sent; its cause is the fault."""


class ClientKeysUnavailable(GatewayError):
    """The client keys cannot be read, and those read before are too old: nobody is let in."""

    reason_text = "keys unreadable"
    delivery = "rejected"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.unavailable().with_headers(**{"Retry-After": str(RETRY_SECONDS)})


class Undeliverable(GatewayError):
    """Could not be sent and could not be queued.

    `cause` is the last failure towards the upstream.
    """

    delivery = "unknown"

    def __init__(self, cause: UpstreamError) -> None:
        """See the class."""
        super().__init__(cause.reason)
        self.cause = cause

    @property
    def kind(self) -> str:
        """The cause's."""
        return self.cause.kind

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return self._hinted(dialect.undeliverable(self.cause))

    def _hinted(self, answer: Answer) -> Answer:
        # A relayed answer has the upstream's own hint.
        if "Retry-After" in answer.headers:
            return answer
        return answer.with_headers(**{"Retry-After": str(self.cause.retry_after or RETRY_SECONDS)})


class UpstreamFailed(Undeliverable):
    """The upstream failed a call that may not be queued: its own error, if any, may be the app's."""

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return self._hinted(dialect.upstream_failed(self.cause))


class Fault(GatewayError):
    """A fault of ours: the log has it, the app learns nothing but the event id."""

    reason_text = "fault"
    delivery = "unknown"

    def worded(self, dialect: Dialect) -> Answer:
        """See the dialect."""
        return dialect.fault()
