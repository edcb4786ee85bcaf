"""Everything that can go wrong with a request, as one typed tree.

GatewayError
├── ClientError            the client's to fix: rejected here, nothing is kept
│   ├── UnknownPath (UnknownResource) · WrongMethod · ClientKeyRefused (ClientKeyNotAllowed)
│   ├── TooLarge · EmptyBody · Unreadable · Invalid
│   └── BadIdempotencyKey · IdempotencyKeyInFlight · IdempotencyKeyReused
├── UpstreamError          the upstream's failure, or ours towards it
│   ├── Transient          worth another try: unreachable, 408, 429, 5xx, garbage
│   │   ├── TimedOut       no answer came in time
│   │   └── NotYet         the upstream is well, but cannot take this task yet
│   ├── Setup              the owner's to fix: a credential is missing or refused, an app id is unknown
│   └── Refused            permanent: the upstream's own 4xx
├── ClientKeysUnavailable  the client keys cannot be read
├── Undeliverable          could be neither sent nor queued
│   └── UpstreamFailed     … by a call that only the upstream can answer
└── Fault                  a fault of ours

A class carries the data of its error; the dialect words it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from gateway.core.problem import Problem
from gateway.core.reply import Reply

DeliveryStatus = Literal["delivered", "queued", "rejected", "unknown"]
"""What became of the event; the header `Gateway-Delivery`."""

RETRY_SECONDS = 5
"""When a client should try again, unless the upstream asked for another time."""


class GatewayError(Exception):
    """Base of the tree.

    `kind` is the error in fixed words, for the log; `detail` says more, with field names at most and never a
    value; `delivery` is what it means for the event; `headers` are those that HTTP asks for in the answer.
    """

    kind: str = ""
    detail: str = ""
    delivery: DeliveryStatus | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class ClientError(GatewayError):
    """The client's to fix."""

    delivery: DeliveryStatus | None = "rejected"


class UnknownPath(ClientError):
    """No route has this path, so there is no event to report on."""

    kind = "unknown path"
    delivery: DeliveryStatus | None = None


class UnknownResource(UnknownPath):
    """The path names an app or a project that this gateway does not serve."""

    kind = "unknown resource"
    delivery = "rejected"


class WrongMethod(ClientError):
    """The path exists for other methods."""

    kind = "wrong method"
    delivery = None

    def __init__(self, *allow: str) -> None:
        """`allow`: the path's methods, in upper case."""
        self.headers = {"Allow": ", ".join(allow)}


class ClientKeyRefused(ClientError):
    """The client key is missing, malformed, unknown, expired or revoked."""

    kind = "key refused"


class ClientKeyNotAllowed(ClientKeyRefused):
    """The client key is good, but not for this app or project, or it names several where one is needed."""

    kind = "key not allowed"

    def __init__(self, resource: str) -> None:
        """`resource`: the app or project that was asked for, or those that the key names."""
        self.resource = resource


class TooLarge(ClientError):
    """The unpacked body is larger than the contract allows."""

    kind = "too large"

    def __init__(self, max_body: int) -> None:
        """`max_body`: the limit, in bytes."""
        self.max_body = max_body


class EmptyBody(ClientError):
    """There is no body where the contract needs one."""

    kind = "empty body"


class Unreadable(ClientError):
    """The body is not in a format that the contract takes."""

    kind = "unreadable"

    def __init__(self, reason: str = "invalid JSON") -> None:
        """`reason`: fit for an answer, without values."""
        self.reason = self.detail = reason


class Invalid(ClientError):
    """Parameters break the contract's rules."""

    kind = "invalid"

    def __init__(self, *problems: Problem) -> None:
        """`problems`: at least one, in the document's order."""
        self.problems = problems
        self.detail = "; ".join(problem.summary for problem in problems)


class BadIdempotencyKey(ClientError):
    """`Idempotency-Key` is not 1…`longest` printable ASCII characters."""

    kind = "bad idempotency key"

    def __init__(self, longest: int) -> None:
        """`longest`: the most characters that this call takes."""
        self.longest = longest


class IdempotencyKeyInFlight(ClientError):
    """A request with the same idempotency key is being processed."""

    kind = "key in flight"

    def __init__(self, retry_after: int) -> None:
        """`retry_after`: when to try again, in whole seconds."""
        self.headers = {"Retry-After": str(retry_after)}


class IdempotencyKeyReused(ClientError):
    """The idempotency key was used for another request."""

    kind = "key reused"


class UpstreamError(GatewayError):
    """The upstream did not accept the request.

    `reason` is a fixed phrase for the log, such as `timeout` or `status 503`, never the upstream's text;
    `tried`: the upstream was called, and not out of turn; `may_have_arrived`: after a timeout, or a reset
    once the request was sent; `retry_after`: the seconds that the upstream asked for; `reply`: its answer,
    if any.
    `status` is for dialects that tell a bad gateway from a timeout.
    """

    status: int = 502

    def __init__(
        self,
        reason: str,
        *,
        tried: bool = True,
        may_have_arrived: bool = False,
        retry_after: int | None = None,
        reply: Reply | None = None,
    ) -> None:
        """See the class."""
        super().__init__(reason)
        self.reason = reason
        self.kind = f"upstream: {reason}"
        self.tried = tried
        self.may_have_arrived = may_have_arrived
        self.retry_after = retry_after
        self.reply = reply

    @property
    def outcome_unknown(self) -> bool:
        """Whether the outcome is unknown. A 503 is an answer: the upstream says that it accepted nothing."""
        return self.may_have_arrived and not (self.reply is not None and self.reply.status == 503)


class Transient(UpstreamError):
    """Worth another try."""


class TimedOut(Transient):
    """No answer came in time."""

    status = 504

    def __init__(self, *, may_have_arrived: bool = False) -> None:
        """See UpstreamError."""
        super().__init__("timeout", may_have_arrived=may_have_arrived)


class NotYet(Transient):
    """The upstream is well, but cannot take this task yet: its turn has not come, or its user is too new.

    It says nothing about other tasks. With `tried=False` it is no try, however long the task waits.
    """


class Setup(UpstreamError):
    """The owner's to fix: it raises an alarm, and an app never sees it as its own mistake."""


class Refused(UpstreamError):
    """The upstream's own 4xx, which another try would not change."""

    delivery = "rejected"
    reply: Reply

    def __init__(self, reply: Reply) -> None:
        """`reply`: the answer to relay."""
        super().__init__(f"status {reply.status}", reply=reply)


class Unsent(Exception):
    """A fault of ours before anything was sent; its cause is the fault."""


class ClientKeysUnavailable(GatewayError):
    """The client keys cannot be read, and the last known ones are too old: nobody is admitted."""

    kind = "keys unreadable"
    delivery = "rejected"
    headers = MappingProxyType({"Retry-After": str(RETRY_SECONDS)})


class Undeliverable(GatewayError):
    """Could be neither sent nor queued."""

    delivery = "unknown"

    def __init__(self, cause: UpstreamError) -> None:
        """`cause`: the last failure towards the upstream."""
        self.cause = cause
        self.kind = cause.kind
        self.headers = {"Retry-After": str(cause.retry_after or RETRY_SECONDS)}


class UpstreamFailed(Undeliverable):
    """The upstream failed a call that may not be queued: the app may see its own error, if there is one."""


class Fault(GatewayError):
    """A fault of ours: the log has it, the app learns only the event id."""

    kind = "fault"
    delivery = "unknown"
