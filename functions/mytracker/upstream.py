"""MyTracker as an upstream: what its answers mean, and how waiting single events leave as batches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import cast

from gateway.core import history
from gateway.core.data import dataclass
from gateway.core.errors import Refused, Transient, UpstreamError
from gateway.core.message import HttpRequest
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.outbound import http_upstream
from gateway.outbound.http_upstream import HttpUpstream, Judge, json_object
from mytracker.joining import MAX_EVENTS, batches, destination, joined

_IMPORT = re.compile(r"/v1/(registration|login|customEvent|customRevenue)(Batch)?/")

SHARE = 0.2
"""No request is begun with less of its time left: it might end unanswered, which counts as a try."""


@dataclass(kw_only=True)
class MyTrackerUpstream(HttpUpstream):
    """MyTracker's import API, and the calls that are relayed to it unread."""

    at_once: int = MAX_EVENTS

    def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
        """Send a task and return MyTracker's success. Raises Transient, Setup, Refused."""
        request = cast(HttpRequest, task.payload)
        return self.request(request, seconds=seconds, judge=judge_of(request))

    def together(self, task: DeliveryTask) -> tuple[str, str] | None:
        """The app and the method of a single event; None: the task leaves alone."""
        return destination(cast(HttpRequest, task.payload))

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        """Send single events of one app and method in as few batches as the document allows.

        A batch is all or nothing: a refused one imported nothing, so each of its events is sent by itself. Of
        an unanswered one, each event may have arrived. Once MyTracker fails, the rest is not sent.
        """
        requests = [cast(HttpRequest, task.payload) for task in tasks]
        calls = _Calls(self, seconds)
        outcomes: list[UpstreamError | None] = []
        for part in batches(requests):
            outcomes += calls.send([(tasks[index].event_id, requests[index]) for index in part])
        return outcomes


class _Calls:
    """The calls of one `send_many`, within its seconds."""

    def __init__(self, upstream: MyTrackerUpstream, seconds: float) -> None:
        self._upstream = upstream
        self._end = monotonic() + seconds
        self._shortest = SHARE * seconds
        self._stopped: Transient | None = None

    def send(self, part: Sequence[tuple[str, HttpRequest]]) -> list[UpstreamError | None]:
        """What became of each event, which is given by its id and its request."""
        requests = [request for _, request in part]
        with history.About(*(event_id for event_id, _ in part)):
            failure = self._failure(joined(requests) if len(part) > 1 else requests[0])
        if isinstance(failure, Refused) and len(part) > 1:
            return [outcome for one in part for outcome in self.send([one])]
        return [failure] * len(part)

    def _failure(self, request: HttpRequest) -> UpstreamError | None:
        left = self._end - monotonic()
        if left < self._shortest:
            return Transient("no time", tried=False)
        if self._stopped is not None:
            return self._stopped
        try:
            self._upstream.request(request, seconds=left, judge=judge_import)
        except Refused as refusal:
            return refusal
        except UpstreamError as failure:
            self._stopped = Transient(failure.reason, tried=False, retry_after=failure.retry_after)
            return failure
        return None


def judge_of(request: HttpRequest) -> Judge:
    """What judges the answer to a request."""
    return judge_import if _IMPORT.fullmatch(request.path) else judge_relayed


def judge_import(reply: Reply) -> None:
    """For the documented methods. Raises Transient, Setup or Refused for an answer that is no success."""
    http_upstream.judge(reply)
    _refuse_error(reply, json_object(reply))


def judge_relayed(reply: Reply) -> None:
    """For calls whose answers are not documented: any body will do, except one that reports an error."""
    http_upstream.judge(reply)
    if reply.body.lstrip()[:1] == b"<":  # HTML is from some proxy
        raise Transient("garbage", may_have_arrived=True)
    with suppress(Transient):
        _refuse_error(reply, json_object(reply))


def _refuse_error(reply: Reply, found: Mapping[str, object]) -> None:
    """Refuse a 200 that reports an error and no success: 400, like MyTracker's other errors."""
    if found.get("error") and "message" not in found:
        raise Refused(replace(reply, status=400))
