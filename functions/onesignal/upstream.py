"""OneSignal as an upstream: which of its two APIs a task's app speaks, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from gateway.core import strict_json
from gateway.core.data import dataclass
from gateway.core.errors import Refused, Setup
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.outbound import http_upstream
from gateway.outbound.http_upstream import HttpUpstream, json_object

if TYPE_CHECKING:
    from onesignal.user_calls import UserCalls

PLAYERS_PATH = "/players/"
"""How the paths of calls about players begin; a notification's call is the same in both models."""


class Model(StrEnum):
    """Which of OneSignal's two APIs an app speaks: the players of old apps, or the users of today's."""

    PLAYERS = "players"
    USERS = "users"


@dataclass(kw_only=True)
class OneSignalUpstream(HttpUpstream):
    """OneSignal for all apps of the stack.

    Tasks have the form of the `players` calls, whatever the model: they are sent as they are, or translated
    on their way out. So tasks wait in the queue while an app's model is switched, or a release rolled back.

    `app_id` and `model` are those of the stack's own app; a named app may have another model in the secret.
    The others are about users: `records` is the table that remembers who a player is, for `identity_days`;
    look-ups of the others are limited to `lookups_per_second` per app.
    """

    app_id: str
    model: Model
    records: str = ""
    lookups_per_second: float = 1
    identity_days: float = 7
    retry_scale: float = 1

    def prepare(self) -> None:
        """Fetch the credential during INIT, and load the users model's code where it will be needed."""
        super().prepare()
        if self.model is Model.USERS:
            self._user_calls  # noqa: B018 - made once

    def wait(self, task: DeliveryTask) -> float:
        """Seconds until the task's player may be looked up, if nobody knows yet which user that is."""
        request = cast(HttpRequest, task.payload)
        try:
            if self._is_translated(request):
                return self._user_calls.wait(request)
        except Setup:
            pass  # the send says so
        return 0

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """Send a task and return OneSignal's success. Raises Transient, Setup, Refused."""
        if self._is_translated(cast(HttpRequest, task.payload)):
            return self._user_calls.send(task, seconds=seconds)
        return super().send(task, seconds=seconds)

    def _is_translated(self, request: HttpRequest) -> bool:
        """Whether a request is about a player of an app that has users instead. Raises Setup."""
        if not request.path.startswith(PLAYERS_PATH):
            return False
        own = self.secret.account_settings(request.account) if request.account else {}
        return own.get("model", self.model) == Model.USERS

    @cached_property
    def _user_calls(self) -> UserCalls:
        # Imported here: a cold start under the players model does without.
        from onesignal.user_calls import UserCalls

        return UserCalls(self)


def judge(reply: Reply) -> None:
    """Raises Transient, Setup or Refused for an answer that is no success, such as a 200 with errors."""
    try:
        http_upstream.judge(reply)
    except Refused:
        if names_unknown_app(reply):
            raise Setup("unknown app id") from None
        raise
    found = json_object(reply)
    if found.get("success") is False or (found.get("errors") and found.get("success") is not True):
        if names_unknown_app(reply):
            raise Setup("unknown app id")
        raise Refused(replace(reply, status=400))


def names_unknown_app(reply: Reply) -> bool:
    """Whether an answer says that there is no app with our id."""
    try:
        found = strict_json.read(reply.body)
    except strict_json.Malformed:
        return False
    errors = texts(found.get("errors")) if isinstance(found, dict) else []
    return any("app_id" in text and "not found" in text for text in errors)


def texts(errors: Any) -> list[str]:
    """OneSignal's errors are a string, a list of strings, a list of {code, title}, or a map of lists."""
    if isinstance(errors, str):
        return [errors]
    if isinstance(errors, list):
        return [text for error in errors for text in texts(error)]
    if isinstance(errors, dict):
        title = errors.get("title")
        return [title] if isinstance(title, str) else [text for one in errors.values() for text in texts(one)]
    return []
