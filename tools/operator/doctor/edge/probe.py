"""Requests that an endpoint refuses before anything is sent or stored, and how the responses compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from tools.operator.doctor.api_client import Answer, Headers
from tools.operator.doctor.deployment import Deployment
from tools.systems.profile import Profile
from tools.systems.registry import profile

SAME = "the same answer"
_PAD = 2_000


@dataclass(frozen=True)
class Probe:
    """An endpoint that refuses `{}`, because a required field is missing."""

    profile: Profile
    method: str
    path: str

    @property
    def system(self) -> str:
        """The system's name."""
        return self.profile.name

    def key_headers(self, key: str) -> Headers:
        """The headers that carry a client key for the system; none if it takes no keys."""
        keys = self.profile.page.keys
        return [*keys.headers(key).items()] if key and keys else []


def probes(deployment: Deployment) -> Iterator[Probe]:
    """One per system that is on: first those without a vendor, then those least likely to need a key."""
    for found in sorted(map(profile, deployment.stack.systems), key=_rank):
        if found.refused_call is not None:
            call = found.refused_call(partial(deployment.stack.parameter, found.name))
            yield Probe(found, call.method, call.path)


def _rank(found: Profile) -> tuple[bool, bool, str]:
    keys = found.page.keys
    return found.vendor is not None, keys is not None and keys.required, found.name


class ProbedEndpoint:
    """Sends a probe's requests. `plain` is the response that the others are compared with."""

    def __init__(self, deployment: Deployment, probe: Probe) -> None:
        """Sends nothing yet."""
        self.deployment = deployment
        self.probe = probe

    def ask(self, *, method: str = "", path: str = "", headers: Headers = (), body: bytes = b"{}") -> Answer:
        """The probe's request with parts replaced. Raises what `ApiClient.ask` does."""
        deployment, probe = self.deployment, self.probe
        sent = [*probe.key_headers(deployment.key), *headers]
        return deployment.api.ask(method or probe.method, path or probe.path, sent, body)

    @cached_property
    def plain(self) -> Answer:
        """The response to `{}` and nothing else."""
        return self.ask()

    @property
    def reads(self) -> bool:
        """Whether the probe's body is read, which it is not if a client key is missing."""
        return self.plain.status == 400

    def compared(self, answer: Answer) -> str:
        """`the same answer`, or a summary of it."""

        def parts(answer: Answer) -> tuple[int, bytes, str | None]:
            return answer.status, answer.body, answer.headers.get("gateway-error")

        return SAME if parts(answer) == parts(self.plain) else answer.summary

    @property
    def origin(self) -> str:
        """An origin that `CorsOrigins` allows."""
        first = self.deployment.stack.parameters.get("CorsOrigins", "*").split(",")[0].strip()
        return "https://doctor.invalid" if first in ("", "*") else first

    asked_header = "authorization"

    @cached_property
    def preflight(self) -> Answer:
        """The response to a browser's preflight request."""
        headers = [
            ("Origin", self.origin),
            ("Access-Control-Request-Method", self.probe.method),
            ("Access-Control-Request-Headers", self.asked_header),
        ]
        return self.ask(method="OPTIONS", headers=headers, body=b"")

    def padding(self, size: int) -> Headers:
        """Headers that bring request line and header values to about `size` bytes."""
        at = self.deployment.api.url.partition("://")[2]
        used = len(self.probe.method) + len(self.probe.path) + 2 * len(at) + len(self.deployment.key) + 12
        left = size - used
        sizes = [min(_PAD, left - begin) for begin in range(0, left, _PAD)]
        return [(f"X-Padding-{number}", "x" * size) for number, size in enumerate(sizes)]
