"""MyTracker: its URL, authentication, answers and errors."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.core.account import Account
from gateway.core.answer import Answer, Success, json_answer, relayed
from gateway.core.errors import (
    ClientKeyRefused,
    ClientKeysUnavailable,
    EmptyBody,
    Fault,
    Invalid,
    TooLarge,
    Undeliverable,
    UnknownPath,
    Unreadable,
)
from gateway.core.message import HttpRequest
from gateway.core.settings import Settings
from gateway.inbound.dialect import Dialect
from gateway.inbound.request import Request
from gateway.outbound.secrets import SystemSecret
from gateway.system import Contract, System, UnknownPaths
from mytracker.joining import MAX_BODY
from mytracker.upstream import MyTrackerUpstream

IDENTIFIERS = (
    "customUserId",
    "customPlatformUserId",
    "instanceId",
    "lvid",
    "gaid",
    "androidId",
    "idfa",
    "iosVendorId",
)
"""Any one of them identifies the user or device of an event."""

APP = Account("idApp", "[0-9]{1,19}", "1 to 19 digits")


class MyTrackerSettings(Settings):
    """`other_methods`: name prefixes of further methods to relay, separated by commas."""

    other_methods: str = "appStore,googlePlay,userInfo,order"


settings = MyTrackerSettings.of()
secret = SystemSecret(settings.secret, APP)


class MyTrackerDialect(Dialect):
    """`{"error"}` with the document's texts; only `Gateway-Error` tells what is wrong with a parameter."""

    def error(self, status: int, text: str) -> Answer:
        """The envelope."""
        return json_answer(status, {"error": text})

    def unknown_path(self, error: UnknownPath) -> Answer:
        """404 with MyTracker's text."""
        return self.error(404, "Method not found")

    def too_large(self, error: TooLarge) -> Answer:
        """MyTracker knows no 413."""
        return self.error(400, "Bad Request")

    def empty_body(self, error: EmptyBody) -> Answer:
        """400 with MyTracker's text."""
        return self.error(400, "Empty post data")

    def unreadable(self, error: Unreadable) -> Answer:
        """400 with MyTracker's text."""
        return self.error(400, "Bad json")

    def invalid(self, error: Invalid) -> Answer:
        """400 with MyTracker's text."""
        return self.error(400, "Bad Request")

    def keys_unavailable(self, error: ClientKeysUnavailable) -> Answer:
        """500: MyTracker's clients expect no other status for a failure, here and below."""
        return self.error(500, "Internal Server Error")

    def undeliverable(self, error: Undeliverable) -> Answer:
        """500."""
        return self.error(500, "Internal Server Error")

    def fault(self, error: Fault) -> Answer:
        """500; a client may try again."""
        return self.error(500, "Internal Server Error").with_headers(**{"Retry-After": "5"})


class OtherVersionDialect(MyTrackerDialect):
    """For paths of versions that MyTracker does not have."""

    def unknown_path(self, error: UnknownPath) -> Answer:
        """400 with MyTracker's text."""
        return self.error(400, "Bad api version")


# The document's own OK begins with a Cyrillic letter, which no client can be waiting for.
accepted = Success(
    delivered=lambda reply: replace(relayed(reply), status=200), queued=json_answer(200, {"message": "OK"})
)
"""The success of an import: MyTracker's own answer, or the same if the events are queued. Clients accept no
status other than 200."""


def app_of(request: Request) -> str:
    """The one `idApp` of the query, 1…19 digits. Raises ClientKeyRefused."""
    named = [(name, value) for name, value in request.query if _read_as_id_app(name)]
    if len(named) != 1 or named[0][0] != "idApp" or not APP.fits(named[0][1]):
        raise ClientKeyRefused
    return named[0][1]


def _read_as_id_app(name: str) -> bool:
    """Whether a vendor's parser might read the name as `idApp`: ` idApp`, `idApp[]`, `IDAPP`.

    In a relayed query, a second app could be one that the client key is not allowed to use.
    """
    return re.sub(r"[^a-z]", "", re.split(r"[\[\0]", name)[0].lower()) == "idapp"


def _read(request: Request) -> Any:
    if not request.document:
        raise EmptyBody
    return request.json


def _presented(request: Request) -> Sequence[str]:
    return [request.header("authorization")]


def _sign(request: HttpRequest, secret: SystemSecret) -> HttpRequest:
    if not request.account:  # `version` needs no token
        return request
    token = secret.credential(request.account)
    return replace(request, headers={**request.headers, "Authorization": token})


def _is_relayed(request: Request) -> bool:
    method = request.path_values.get("method", "")
    families = tuple(family.strip() for family in settings.other_methods.split(",") if family.strip())
    return re.fullmatch("[A-Za-z0-9]{1,64}", method) is not None and method.startswith(families)


RELAYED = Contract(read=_read)
"""For calls that are relayed unread, because their bodies and answers are not documented. The limit is the
gateway's: App Store receipts are larger than the documented events."""

mytracker = System(
    name="mytracker",
    settings=settings,
    secret=secret,
    upstream=MyTrackerUpstream(url=settings.url, secret=secret, sign=_sign),
    dialect=MyTrackerDialect(),
    contract=Contract(read=_read, max_body=MAX_BODY),
    by_endpoint={
        "other_method": replace(RELAYED, exists=_is_relayed),
        "test_app_access": replace(RELAYED, carries_event=False),
        "version": replace(RELAYED, carries_event=False, needs_key=False),
    },
    presented=_presented,
    resource=app_of,
    subject_fields=frozenset(IDENTIFIERS),
    unknown_paths=(
        UnknownPaths(re.compile(r"v1(/|$)"), MyTrackerDialect()),
        UnknownPaths(re.compile(r"v(?!1(/|$))[0-9]+(/|$)"), OtherVersionDialect()),
    ),
)
