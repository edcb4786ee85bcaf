"""OneSignal in both of its models, `players` and `users`, for any number of apps.

What a test may change of it (`POST /_sandbox/state`, with `"system": "onesignal"`):

    limited           the models that keep rate limits: ["users"] once limits are asked for, [] without them.
                      The players' calls keep theirs only if they are named here.
    updates_per_app, updates_per_user, views_per_app    the rates (see limits.py), in requests a second
    missing_seconds   how long a player that is named for the first time answers 404 in the users model
    login             moves this player's subscription to a new user; with `former`, how the old user answers
                      from now on: 404 (the default), 409 or 410
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from tools.systems.onesignal import vendor_players, vendor_users
from tools.systems.onesignal.app import NO_APP, UUID, exists, has_key, no_key
from tools.systems.onesignal.limits import RATES, Limits, Use
from tools.systems.onesignal.people import FORMER, People
from tools.systems.vendor import Json, Request, Response, Vendor, json_response

MODELS = ("players", "users")


class OneSignal(Vendor):
    """Paths under `/apps/` are the users model's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: in seconds."""
        self._clock = clock
        self.reset()

    def answer(self, request: Request) -> Response:
        """See Vendor."""
        if request.path.startswith("/apps/"):
            return vendor_users.answer(request, self._people, self._refusal("users"))
        if request.path == "/notifications":
            return self._messages(request)
        return vendor_players.answer(request, self._people, self._refusal("players"))

    def account(self, request: Request) -> str:
        """The app."""
        if request.path.startswith("/apps/"):
            return vendor_users.account(request)
        return _app(request) if request.path == "/notifications" else vendor_players.account(request)

    def failure(self, status: int) -> object:
        """See Vendor. 409 is what a user is answered that has more tags than the app's plan allows."""
        if status == 429:
            return {"errors": ["API rate limit exceeded"], "limit": "App ID"}
        if status == 409:
            title = "The tags for this user exceed the limit for this organization's plan."
            return {"errors": [{"code": "entitlements-tag-limit", "title": title}]}
        return {"errors": ["Service temporarily unavailable" if status >= 500 else "Bad request"]}

    def reset(self) -> None:
        """See Vendor."""
        self._people = People(self._clock)
        self._limits = Limits(self._clock)
        self._limited: list[str] = []

    def limit(self) -> None:
        """Only in the users model: so far nobody was limited in the other one."""
        self._limited = ["users"]

    def state(self) -> dict[str, Json]:
        """See the module."""
        rates = self._limits.rates
        return {"limited": self._limited, **rates, "missing_seconds": self._people.missing_seconds}

    def change(self, state: dict[str, Json]) -> None:
        """See the module."""
        for name, value in state.items():
            _check(name, value)
        if "former" in state and "login" not in state:
            raise ValueError("`former` is how a user answers after a `login`")
        self._limited = state.get("limited", self._limited)
        self._limits.rates |= {name: value for name, value in state.items() if name in RATES}
        self._people.missing_seconds = state.get("missing_seconds", self._people.missing_seconds)
        if "login" in state:
            self._people.log_in(state["login"], state.get("former", FORMER[0]))

    def _refusal(self, model: str) -> Callable[[list[Use]], Response | None]:
        return self._limits.refusal if model in self._limited else lambda uses: None

    def _messages(self, request: Request) -> Response:
        """ "View messages", which is how an operator asks whether a key is good: there are none here."""
        app = _app(request)
        if request.method != "GET":
            return json_response(405, {"errors": ["Method not allowed"]}, "malformed")
        if not has_key(request, app):
            return no_key()
        if not exists(app):
            return json_response(400, {"errors": [NO_APP]}, "malformed")
        if refused := self._refusal("players")([("views_per_app", f"{app} notifications", "App ID")]):
            return refused
        return json_response(200, {"total_count": 0, "offset": 0, "limit": 1, "notifications": []})


def _app(request: Request) -> str:
    return dict(parse_qsl(request.query)).get("app_id", "")


def _is_between(value: Json, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _check(name: str, value: Json) -> None:
    """Raises ValueError."""
    if name == "limited":
        if not isinstance(value, list) or not all(model in MODELS for model in value):
            raise ValueError(f"`limited` is a list of {', '.join(MODELS)}")
    elif name in RATES:
        if not _is_between(value, 1e-6, 1e6):
            raise ValueError(f"`{name}` is 0.000001 to 1000000 requests per second")
    elif name == "missing_seconds":
        if not _is_between(value, 0, 3600):
            raise ValueError("`missing_seconds` is 0 to 3600")
    elif name == "login":
        if not isinstance(value, str) or not re.fullmatch(UUID, value):
            raise ValueError("`login` is a player id, a UUID")
    elif name == "former":
        if value not in FORMER:
            raise ValueError(f"`former` is one of {', '.join(map(str, FORMER))}")
    else:
        known = ("limited", *RATES, "missing_seconds", "login", "former")
        raise ValueError(f"`{name}` is none of {', '.join(known)}")
