"""Requests that an endpoint refuses before anything is sent or stored, and how their answers compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tools.operator.doctor.api_client import Answer, Headers
from tools.operator.doctor.deployment import Deployment

SAME = "the same answer"
TRAX_SESSION = "/api/v4/doctor/sessions/00000000-0000-4000-8000-000000000000"
_PAD = 2_000


@dataclass(frozen=True)
class Probe:
    """An endpoint that refuses `{}`: a required field is absent. `header` is where its system takes a key."""

    system: str
    method: str
    path: str
    header: str
    scheme: str = ""


def probes(deployment: Deployment) -> Iterator[Probe]:
    """One for each system that is on, those first that most likely need no key."""
    stack = deployment.stack
    apps = [app.partition("=")[0].strip() for app in stack.parameters.get("PushExpressAppIds", "").split(",")]
    app = "doctor" if apps == ["*"] else next((app for app in apps if app not in ("", "*")), "doctor")
    known = (
        Probe("track", "POST", "/v1/track/item", "X-API-Key"),
        Probe("onesignal", "POST", "/onesignal/track-open", "X-API-Key"),
        Probe("pushexpress", "POST", f"/api/r/v2/apps/{app}/instances", "X-API-Key"),
        Probe("mytracker", "POST", "/v1/login", "Authorization"),
        Probe("trax", "PUT", TRAX_SESSION, "Authorization", "Auth-Token "),
    )
    return (probe for probe in known if deployment.on(probe.system))


class Visit:
    """A probe's requests. `plain` is the answer that the others are compared with."""

    def __init__(self, deployment: Deployment, probe: Probe) -> None:
        """Nothing is sent yet."""
        self.deployment = deployment
        self.probe = probe

    def ask(self, *, method: str = "", path: str = "", headers: Headers = (), body: bytes = b"{}") -> Answer:
        """The probe's request with parts replaced. Raises what `Door.ask` does."""
        deployment, probe = self.deployment, self.probe
        key = [(probe.header, f"{probe.scheme}{deployment.key}")] if deployment.key else []
        return deployment.door.ask(method or probe.method, path or probe.path, [*key, *headers], body)

    @cached_property
    def plain(self) -> Answer:
        """`{}` and nothing else."""
        return self.ask()

    @property
    def reads(self) -> bool:
        """Whether the probe's body is read: not where a key is missing."""
        return self.plain.status == 400

    def compared(self, answer: Answer) -> str:
        """`the same answer`, or what was told."""

        def parts(answer: Answer) -> tuple[int, bytes, str | None]:
            return answer.status, answer.body, answer.headers.get("gateway-error")

        return SAME if parts(answer) == parts(self.plain) else answer.told

    @property
    def origin(self) -> str:
        """An origin that `CorsOrigins` lets in."""
        first = self.deployment.stack.parameters.get("CorsOrigins", "*").split(",")[0].strip()
        return "https://doctor.invalid" if first in ("", "*") else first

    asked_header = "authorization"

    @cached_property
    def preflight(self) -> Answer:
        """What a browser asks before it sends."""
        headers = [
            ("Origin", self.origin),
            ("Access-Control-Request-Method", self.probe.method),
            ("Access-Control-Request-Headers", self.asked_header),
        ]
        return self.ask(method="OPTIONS", headers=headers, body=b"")

    def padding(self, size: int) -> Headers:
        """Headers with which request line and header values have about `size` bytes."""
        at = self.deployment.door.url.partition("://")[2]
        used = len(self.probe.method) + len(self.probe.path) + 2 * len(at) + len(self.deployment.key) + 12
        left = size - used
        sizes = [min(_PAD, left - begin) for begin in range(0, left, _PAD)]
        return [(f"X-Padding-{number}", "x" * size) for number, size in enumerate(sizes)]
