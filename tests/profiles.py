"""What the tests know of each system: its folder's profile.py exports one Profile, and they are found here.

A profile is read before any function is imported, so it imports nothing of functions/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.proofs.faults.kinds import Kind
from tests.proofs.fuzz.bodies import Judge
from tests.sample_events import Event, with_header
from tools.places import BATCH, EVENTS

FOLDER = Path(__file__).parent

CLIENT_KEY = "local-client-key"
"""The client key of the sample events and of every local run."""

STATUSES = frozenset({400, 404, 405, 409, 413, 422})
"""Refusals of the gateway's own that most contracts word alike."""


@dataclass(frozen=True, kw_only=True)
class VendorRequest:
    """A request that a vendor received. `path` is relative to the vendor's base URL; `account` is the only
    one that the client may use, None for a client that may use any."""

    endpoint: str
    path: str
    query: str
    body: bytes
    account: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


def nothing_wrong(request: VendorRequest) -> Iterator[str]:
    """For vendors whose requests need no further judgement."""
    del request
    yield from ()


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What a vendor may be sent.

    `paths` matches the whole path of a request; `{account}` in it stands for the accounts that the client
    may use. By the path, `method` gives the method and `authorization` the Authorization header, with `{}`
    for the credential, None for requests without one. `headers` are the names, in lower case, that it is sent
    besides those of every request. `problems` yields what else is wrong with a request. `successes` are the
    bodies of successes by endpoint, where `{"success": true}` will not do; `asked` by what a request's path
    matches, for what it is asked before it is told of an event. `further` are requests that it knows besides:
    method, path and headers.
    """

    paths: str
    method: Callable[[str], str] = lambda path: "POST"
    authorization: Callable[[str], str | None] = lambda path: None
    headers: frozenset[str] = frozenset()
    problems: Callable[[VendorRequest], Iterator[str]] = nothing_wrong
    successes: Mapping[str, bytes] = field(default_factory=dict)
    asked: Mapping[str, bytes] = field(default_factory=dict)
    further: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = ()

    @property
    def credentialed(self) -> bool:
        """Whether it looks at a credential in any request."""
        return self.authorization("") is not None


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A system under another setting, whose vendor is then sent other requests: `settings` are what its
    functions read besides."""

    settings: Mapping[str, str]
    vendor: Vendor


@dataclass(frozen=True, kw_only=True)
class Requests:
    """What the endpoints take. `max_body` is in bytes, answered with `too_large` beyond, but for the `unread`
    endpoints, which take half a megabyte; `bodyless` endpoints look at no body. `forms`: bodies may be forms.
    `fresh` names path values that the vendor takes only once."""

    max_body: int = 512 * 1024
    too_large: int = 413
    unread: frozenset[str] = frozenset()
    bodyless: frozenset[str] = frozenset()
    forms: bool = False
    fresh: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Answers:
    """How the endpoints answer. `statuses` may occur while the vendor is well; `judge` looks at one answer.

    `unknown` matches the beginning of the paths that are answered in this system's dialect although they have
    no route; where several systems match, the longest match wins.
    """

    statuses: frozenset[int]
    judge: Judge
    unknown: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """What docs/openapi.json says. `statuses` stand in every operation. `optional_bodies` are endpoints that
    take a request without a body; `unvalidated` ones take any JSON; `closed` ones refuse unknown fields.

    `looser` tells the values that an endpoint may refuse although the schema takes them, `stricter` those
    that it may take although the schema does not.
    """

    statuses: frozenset[int]
    optional_bodies: frozenset[str] = frozenset()
    unvalidated: frozenset[str] = frozenset()
    closed: bool = False
    looser: Callable[[Any], bool] = lambda value: False
    stricter: Callable[[Any], bool] = lambda value: False


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Settings under which the functions use rights that a local run leaves unused: `settings` while requests
    are sent, `unqueued` to keep events out of the queue, `worker` for the worker alone."""

    settings: Mapping[str, str] = field(default_factory=dict)
    unqueued: Mapping[str, str] = field(default_factory=dict)
    worker: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How a system is proven, besides its kinds of events. `settings` are its functions' during the run;
    `secret` is what its secret holds besides: accounts with their credentials, client keys; `vendor` is the
    state of its vendor in the sandbox, `newcomers` what changes there while new people are missing at first.

    `preparing` matches the vendor's paths of calls that must arrive before the one that delivers the event,
    and may be repeated; `unready` those that answer 404 for a while after somebody was created. `turn` and
    `sent` are attributes in the idempotency table: `turn` is refused to a call that must wait for its turn,
    `sent` is written between two calls of one event.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, Any] = field(default_factory=dict)
    vendor: Mapping[str, Any] = field(default_factory=dict)
    newcomers: Mapping[str, Any] = field(default_factory=dict)
    preparing: str | None = None
    unready: str | None = None
    turn: str | None = None
    sent: str | None = None


def present_api_key(event: Event, key: str) -> None:
    """Show a client key as `X-Api-Key`."""
    with_header(event, "X-Api-Key", key)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One system; endpoints are named as their files are (`new_session`).

    `settings` are what its functions read in unit tests, besides `URL`. `client_keys`: whether it asks for
    client keys by default, if a setting says so, or never; `present` shows one in a sample event. `account`
    is one that a client may use, `foreign` changes a sample event into a request for another one.

    `typical` is an endpoint that stands for all, whose events may be queued; `credentialed` are endpoints
    that use credentials and client keys in different ways, the typical one alone if there are none.
    `untracked` endpoints carry no event; `unqueued` ones are answered by the vendor alone;
    `keyless` ones need no client key.

    `kinds` are the proof's events; `tables` names the columns that hold their marks in a store, `numbered`
    finds the numbers of events whose requests have no room for a mark, and `expiring` matches the vendor's
    paths of events that expire within minutes. `vendor` is that of the defaults, `variants` are the system
    under other settings, by the names that the tests show. `store` makes the upstream of a system that has no
    vendor, from the URL of a store. `prepare` sets what a deployment sets and a unit test does not.
    """

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    client_keys: Literal["default", "setting", "never"] = "setting"
    present: Callable[[Event, str], None] = present_api_key
    account: str | None = None
    accounts: str = ""
    foreign: tuple[tuple[str, Callable[[Event], object]], ...] = ()
    prepare: Callable[[pytest.MonkeyPatch], object] = lambda patch: None
    typical: str
    credentialed: tuple[str, ...] = ()
    untracked: frozenset[str] = frozenset()
    unqueued: frozenset[str] = frozenset()
    keyless: frozenset[str] = frozenset()
    kinds: tuple[Kind, ...]
    tables: Mapping[str, str] = field(default_factory=dict)
    numbered: Callable[[str, bytes], int | None] = lambda path, body: None
    expiring: str | None = None
    proof: Proof = field(default_factory=Proof)
    store: Callable[[str], Any] | None = None
    requests: Requests = field(default_factory=Requests)
    answers: Answers
    vendor: Vendor | None
    variants: Mapping[str, Variant] = field(default_factory=dict)
    document: Document
    rights: Rights = field(default_factory=Rights)


def endpoints_of(system: str) -> tuple[str, ...]:
    """The names of a system's endpoints: of its sample events, without that of a batch."""
    names = {file.stem for file in (EVENTS / system).glob("*.json")}
    return tuple(sorted(names - {BATCH}))


@cache
def profiles() -> Mapping[str, Profile]:
    """Every system's profile by its name, in alphabetical order."""
    names = sorted(file.parent.name for file in FOLDER.glob("*/profile.py"))
    found: dict[str, Profile] = {name: import_module(f"tests.{name}.profile").PROFILE for name in names}
    return found


def vendors(variant: str = "") -> Mapping[str, Vendor]:
    """What each vendor may be sent, by its system's name, while the systems that have a variant are in it."""
    return {
        name: found.variants[variant].vendor if variant in found.variants else found.vendor
        for name, found in profiles().items()
        if found.vendor is not None
    }


def variants() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The settings by system of each variant that any system has, by its name."""
    names = sorted({name for profile in profiles().values() for name in profile.variants})
    return {
        name: {
            system: profile.variants[name].settings
            for system, profile in profiles().items()
            if name in profile.variants
        }
        for name in names
    }
