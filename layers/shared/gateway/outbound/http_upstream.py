"""Upstreams that are reached over HTTP: build the URL, sign, send, judge the answer."""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import field, replace
from functools import partial
from time import monotonic
from typing import cast
from urllib.parse import quote

from gateway.core import history, strict_json
from gateway.core.data import dataclass
from gateway.core.errors import Refused, Setup, Transient, Unsent, UpstreamError
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.outbound.http_client import HttpClient
from gateway.outbound.secrets import SystemSecret

Sign = Callable[[HttpRequest, SystemSecret], HttpRequest]
"""Adds credentials and the app id to a request on its way out. Raises Setup."""

Judge = Callable[[Reply], None]
"""Raises Transient, Setup or Refused for an answer that is no success."""


_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]+")
"""What `quote` leaves as it is, which most segments are."""

_LEFT_OUT = "[credential]"


def path(*segments: str) -> str:
    """`/a/b` of decoded segments: the one place where a value becomes part of an upstream's path.

    Raises ValueError for an empty segment and for dots, which no encoding would keep from climbing.
    """
    if any(segment in ("", ".", "..") for segment in segments):
        raise ValueError("not a path segment")
    return "".join(
        [f"/{segment if _UNRESERVED.fullmatch(segment) else quote(segment, safe='')}" for segment in segments]
    )


def judge(reply: Reply, *, setup: frozenset[int] = frozenset({401, 403})) -> None:
    """What a status means to every vendor; `setup` are the statuses that refuse our credential."""
    if 200 <= reply.status < 300:
        return
    if reply.status in setup:
        raise Setup(f"status {reply.status}")
    if reply.status in (408, 429) or reply.status >= 500:
        raise Transient(
            f"status {reply.status}",
            may_have_arrived=reply.status >= 500,
            retry_after=reply.retry_after,
            reply=reply,
        )
    if reply.status < 400:
        raise Transient(f"status {reply.status}", may_have_arrived=True)
    raise Refused(reply)


def json_object(reply: Reply) -> dict[str, object]:
    """The JSON object that the contract promises in a success. Raises Transient: `garbage`."""
    try:
        found = strict_json.read(reply.body)
    except strict_json.Malformed:
        found = None
    if not isinstance(found, dict):
        raise Transient("garbage", may_have_arrived=True)
    return found


def json_object_or_nothing(reply: Reply) -> None:
    """For contracts that show no body of a success. Raises Transient for others: HTML is from some proxy."""
    if reply.body.strip():
        json_object(reply)


def _without(authorization: str, reply: Reply) -> Reply:
    """The reply without our credential: what a vendor quotes of a request would be relayed and recorded."""
    credential = authorization.rpartition(" ")[2]  # a scheme may stand before it
    if not credential:
        return reply
    body = reply.body
    for written in (credential, credential.replace("/", "\\/")):  # the second is PHP's JSON
        body = body.replace(written.encode(), _LEFT_OUT.encode())
    return replace(
        reply,
        body=body,
        headers={name: value.replace(credential, _LEFT_OUT) for name, value in reply.headers.items()},
    )


@dataclass(kw_only=True)
class HttpUpstream:
    """A vendor at `url`; vendors differ in `sign` and `judge`. `client` keeps one session alive."""

    url: str
    secret: SystemSecret
    sign: Sign
    judge: Judge = judge
    client: HttpClient = field(default_factory=HttpClient)
    at_once: int = 1

    def prepare(self) -> None:
        """Fetch the credential during INIT."""
        self.secret.prepare()

    def together(self, task: DeliveryTask) -> Hashable | None:
        """Nothing: most vendors take one event per request."""
        del task
        return None

    def wait(self, task: DeliveryTask) -> float:
        """Nothing: a vendor takes every task at any time."""
        del task
        return 0

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """Send a task and return the vendor's success. Raises Transient, Setup, Refused."""
        return self.request(cast(HttpRequest, task.payload), seconds=seconds)

    def request(self, request: HttpRequest, *, seconds: float, judge: Judge | None = None) -> Reply:
        """Sign and send one request, and return the vendor's success. Raises Transient, Setup, Refused.

        `judge` is for an answer whose meaning differs from that of the vendor's other answers.
        """
        end = monotonic() + seconds
        signed = self._signed(request)
        target = signed.path + (f"?{signed.query}" if signed.query else "")
        noted = partial(history.tried, signed.method, target, signed.content, since=(began := monotonic()))
        status: int | None = None
        try:
            reply = self.client.send(
                signed.method,
                self.url + target,
                headers=signed.headers,
                body=signed.content,
                seconds=max(0.1, end - began),  # the credential may have had to be fetched
            )
            status = reply.status
            reply = _without(signed.headers.get("Authorization", ""), reply)
            (judge or self.judge)(reply)
        except Exception as error:
            noted(status=status, error=error)
            if isinstance(error, Setup):
                self.secret.refused(request.account)
            raise
        noted(status=status, error=None)
        return reply

    def _signed(self, request: HttpRequest) -> HttpRequest:
        try:
            return self.sign(request, self.secret)
        except UpstreamError:
            raise
        except Exception as error:
            raise Unsent from error

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        """Send each task in turn; what became of each, in order (None: delivered)."""
        outcomes: list[UpstreamError | None] = []
        for task in tasks:
            try:
                self.send(task, seconds=seconds)
                outcomes.append(None)
            except UpstreamError as error:
                outcomes.append(error)
        return outcomes
