"""A system's profile: what the tools know of it, in one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tools.places import ROOT
from tools.systems.page import Page
from tools.systems.vendor import Vendor

type Parameter = Callable[[str], str]
"""A stack's parameter of the system, by its name without the prefix; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class CredentialRequest:
    """A request that changes nothing at a vendor, and whose status tells whether it accepts a credential.

    `target` is path and query below the vendor's base URL. A status in `accepted` says yes, 401 and 403 say
    no, any other says neither.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    accepted: range = range(200, 300)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A limit that the functions keep together, and for which queued events wait.

    `per_second` of `what`, a plural, for each of `accounts` by itself.
    """

    what: str
    per_second: float
    accounts: tuple[str, ...]


type RateOf = Callable[[Parameter, Mapping[str, Mapping[str, str]]], Rate | None]
"""Makes it from the stack's parameters and the settings of the accounts in the system's secret; None where
nothing is limited."""

type IdentityKeys = Callable[[Parameter, Iterable[str], str], Iterable[str]]
"""The keys of items of its idempotency table that tell who a person is at the vendor, from the stack's
parameters, the accounts in the system's secret, and one of the person's ids."""


@dataclass(frozen=True)
class Form:
    """What a setting must look like: a regular expression that matches all of it, and the same in words."""

    pattern: str
    words: str


@dataclass(frozen=True)
class Call:
    """A call of an endpoint of ours."""

    method: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """`tools/systems/<name>/profile.py` exports one as PROFILE; see registry.py.

    `name` is that of the system's folders. `page` is its part of the OpenAPI document. `vendor` makes the
    vendor that the sandbox plays; a system without one keeps its events itself.

    `local_settings` are what a local run sets where nobody else does, by the names that the functions read.
    `forms` are those of parameters that the template lets have more than the vendor accepts, by their names
    without the prefix; `init` writes no other.
    `refused_call` is one that an endpoint refuses for its body `{}`, since a required field is absent: the
    doctor calls it. `path_beside_variable` is a path that has a route of its own and also matches one with a
    variable (`/v1/ping` beside `/v1/{method}`).
    `credential_check` makes the request that asks the vendor about an account's credential; it may raise
    CommandError. `credential_only_for` is the one endpoint that needs the vendor's credential, empty where
    all do.
    `identity_keys` are of what `forget` deletes beside a person's events. `erasure_at_vendor` tells the
    operator how the vendor erases a person. `rate` is what `status` reports.
    """

    name: str
    page: Page
    vendor: type[Vendor] | None = None
    local_settings: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    refused_call: Callable[[Parameter], Call] | None = None
    path_beside_variable: str = ""
    credential_check: Callable[[Parameter, str, str], CredentialRequest] | None = None
    credential_only_for: Callable[[Parameter], str] = lambda parameter: ""
    identity_keys: IdentityKeys | None = None
    erasure_at_vendor: str = ""
    rate: RateOf | None = None

    @property
    def title(self) -> str:
        """What people read: `acme.express`."""
        return self._stack["name"]

    @property
    def prefix(self) -> str:
        """The beginning of its parameters', resources' and schemas' names: `AcmeExpress`."""
        return self._stack["id"]

    @cached_property
    def _stack(self) -> Mapping[str, str]:
        from tools.template.written import sections  # here, as the sandbox has no use for a YAML reader

        return sections((ROOT / "functions" / self.name / "stack.yaml").read_text())
