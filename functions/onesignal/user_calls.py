"""The calls that deliver a player's task in OneSignal's users model, in order: look-up, subscription, user.

To the delivery protocol this is one step, `Send`. Only the last call adds anything up; those before it read,
or set absolute values that a repeat sets again. So whatever fails or dies before the last call has certainly
not counted the event, and only the last call's failure `may_have_arrived`: the protocol sees what that call
alone would show it, and its exhaustive search (tests/proofs/model) covers both models as it is. The test
tests/onesignal/test_one_effect.py fails and kills a send at each of its steps.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any, cast

from gateway.core import history
from gateway.core.data import dataclass
from gateway.core.errors import NotYet, Refused, Transient, Unsent, UpstreamError
from gateway.core.identifiers import is_uuid
from gateway.core.identity import key_of
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.core.telemetry import count
from gateway.outbound.http_upstream import json_object, path
from onesignal.budget import TABLE_SECONDS, Budget
from onesignal.identities import NEW_SECONDS, Identities, Identity, Missing
from onesignal.lookups import Lookups
from onesignal.upstream import judge, names_unknown_app
from onesignal.users import Update, player_of, translated

if TYPE_CHECKING:
    from onesignal.upstream import OneSignalUpstream

_SUCCESS = Reply(status=200, body=b'{"success":true}')
"""What the players calls answer; the app knows no other."""


class NoUser(Refused):
    """OneSignal knows no such subscription or user; worded as the players calls refuse an unknown player."""

    def __init__(self) -> None:
        """See the class."""
        super().__init__(Reply(status=400, body=b'{"errors":["No user with this id found"]}'))


@dataclass(frozen=True, kw_only=True)
class _Sending:
    """One task on its way: its update, the app and the account that it is for, and the time that it has.

    `may_be_new`: a 404 may only mean that its user was just created.
    """

    update: Update
    app_id: str
    account: str
    budget: Budget
    received_at: float
    may_be_new: bool

    @property
    def player(self) -> tuple[str, str]:
        return self.app_id, self.update.player_id

    def request(
        self, method: str, *segments: str, body: Mapping[str, Any] | None = None, **headers: str
    ) -> HttpRequest:
        """A request about the app, signed by its account."""
        if body is not None:
            headers["Content-Type"] = "application/json"
        return HttpRequest(
            method=method,
            path=path("apps", self.app_id, *segments),
            headers=headers,
            body=body or b"",
            account=self.account,
        )


class UserCalls:
    """Sends tasks about players of apps that have users."""

    def __init__(self, upstream: OneSignalUpstream) -> None:
        """No call is made yet."""
        self._upstream = upstream
        self._identities = Identities(upstream.records, days=upstream.identity_days)
        self._lookups = Lookups(upstream.records, per_second=upstream.lookups_per_second)

    def wait(self, request: HttpRequest) -> float:
        """Seconds until a player may be looked up, 0 if somebody has; costs one read at most."""
        app_id, player_id = self._app_id(request), player_of(request)
        seconds = self._lookups.wait(app_id)
        if not seconds or player_id is None:
            return 0
        try:
            known = self._identities.find(app_id, player_id, seconds=TABLE_SECONDS)
        except NotYet:
            return seconds
        return 0 if isinstance(known, Identity) else seconds

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """Send a task. Raises Transient, NotYet, Setup, Refused."""
        request = cast(HttpRequest, task.payload)
        budget = Budget(seconds)
        try:
            sending = _Sending(
                update=translated(request),
                app_id=self._app_id(request),
                account=request.account,
                budget=budget,
                received_at=task.received_at,
                may_be_new=time.time() - task.received_at < NEW_SECONDS,
            )
        except Exception as error:
            raise Unsent from error
        self._upstream.secret.credential(request.account)  # without it, a look-up would waste its turn
        try:
            self._update(sending)
        except NoUser as unknown:
            if sending.may_be_new:
                raise NotYet("unknown user") from unknown
            raise
        for name, number in sending.update.dropped.items():
            count("onesignal", f"DroppedField_{name}", number)
        return _SUCCESS

    def _app_id(self, request: HttpRequest) -> str:
        return request.account or self._upstream.app_id

    def _update(self, sending: _Sending) -> None:
        """Raises NoUser if a user that was looked up just now is unknown."""
        known = self._identities.find(
            *sending.player, seconds=sending.budget.table(), stored=bool(sending.update.subscription)
        )
        identity = known if isinstance(known, Identity) else self._look_up(sending, known)
        try:
            self._send_to(identity, sending)
        except NoUser:
            # While the user may be new, another look-up would find the same, and take another player's turn.
            if identity.fresh or sending.may_be_new:
                raise
            self._identities.forget(*sending.player, identity, seconds=sending.budget.save())
            self._send_to(self._look_up(sending, None), sending)

    def _look_up(self, sending: _Sending, missing: Missing | None) -> Identity:
        if missing is not None:
            if missing.asked - sending.received_at >= NEW_SECONDS:
                raise NoUser  # another event's look-up said so, when this one's player was no longer new
            if (left := missing.ask_again(scale=self._upstream.retry_scale) - time.time()) > 0:
                raise NotYet("unknown user", tried=False, retry_after=ceil(left))
        self._lookups.take(sending.app_id, seconds=sending.budget.table())
        request = sending.request("GET", "subscriptions", sending.update.player_id, "user", "identity")
        try:
            with _changes_nothing():
                reply = self._upstream.request(request, seconds=sending.budget.call(), judge=_judge)
                onesignal_id = _onesignal_id(reply)
        except NoUser:
            self._identities.miss(*sending.player, missing, seconds=sending.budget.save())
            raise
        except NotYet as limited:
            self._lookups.pause(sending.app_id, limited.retry_after, seconds=sending.budget.save())
            raise self._lookups.not_yet(sending.app_id) from limited
        return self._identities.learn(*sending.player, onesignal_id, seconds=sending.budget.save())

    def _send_to(self, identity: Identity, sending: _Sending) -> None:
        """The subscription's values, if they are not those that were sent last; then the user's."""
        update, budget = sending.update, sending.budget
        sent = key_of("subscription", update.subscription) if update.subscription else ""
        if sent and sent != identity.sent:
            until = time.time() + budget.call()
            begun = self._identities.begin(*sending.player, identity, until=until, seconds=budget.table())
            body = {"subscription": update.subscription}
            request = sending.request("PATCH", "subscriptions", update.player_id, body=body)
            with _changes_nothing():
                try:
                    self._upstream.request(request, seconds=budget.call(), judge=_judge)
                except UpstreamError as failed:
                    if not failed.may_have_arrived:
                        # Nothing is on its way: the next try need not wait for it.
                        self._identities.record(*sending.player, begun, "", seconds=budget.save())
                    raise
            self._identities.record(*sending.player, begun, sent, seconds=budget.save())
        request = sending.request(
            "PATCH", "users", "by", "onesignal_id", identity.onesignal_id, body=update.user,
            **{"OneSignal-Subscription-Id": update.player_id},
        )  # fmt: skip
        self._upstream.request(request, seconds=budget.last_call(), judge=_judge)


@contextmanager
def _changes_nothing() -> Iterator[None]:
    """A call whose repeat changes nothing: its failure leaves the task certainly unsent."""
    try:
        with history.About(accepted=history.ANSWERED):
            yield
    except UpstreamError as error:
        error.may_have_arrived = False
        raise


def _judge(reply: Reply) -> None:
    """What an answer means in the users model. Raises Transient, NotYet, Setup, Refused."""
    # One request per second and user: the upstream is well. A player's events come together out of a backlog,
    # and all but the first meet this limit: after a day in the queue, that must not be their last try.
    if reply.status == 429:
        raise NotYet("status 429", tried=False, retry_after=reply.retry_after, reply=reply)
    if reply.status in (404, 410) and not names_unknown_app(reply):
        raise NoUser
    if reply.status == 409:  # to an app, a 409 says that its idempotency key is in flight
        raise Refused(replace(reply, status=400))
    if not (200 <= reply.status < 300 and not reply.body.strip()):
        judge(reply)


def _onesignal_id(reply: Reply) -> str:
    identity = json_object(reply).get("identity")
    found = identity.get("onesignal_id") if isinstance(identity, dict) else None
    if not (isinstance(found, str) and is_uuid(found)):
        raise Transient("garbage")
    return found
