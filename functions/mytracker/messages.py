"""What MyTracker is told: the app's events with what the gateway adds, or a request as it came."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

from gateway.core import strict_json
from gateway.core.task import HttpRequest, OutboundMessage
from gateway.inbound.identity import fingerprint
from gateway.inbound.request import Request
from gateway.outbound.http_upstream import path
from mytracker.fields import Event
from mytracker.system import IDENTIFIERS, MyTrackerSettings, app_of, settings

MAX_USER_AGENT = 2048


def events_message(
    method: str, request: Request, events: Sequence[Event], *, transactions: Sequence[str] = ()
) -> OutboundMessage:
    """`POST /v1/{method}/?idApp=…`, unique by its transactions where it has any."""
    app = app_of(request)
    told = HttpRequest(
        method="POST",
        path=f"{path('v1', method)}/",
        query=urlencode({"idApp": app}),
        headers={"Content-Type": "application/json"},
        body=with_additions(request, events, settings),
        account=app,
    )
    tell = OutboundMessage(payload=told, scope=(app, *_whose(request, events)))
    if not transactions:
        return tell
    # Another body under the same transaction may be a correction: it is another call.
    key, former = (
        strict_json.write([*transactions, said]).decode() for said in (fingerprint(request), request.digest())
    )
    return replace(tell, key=key, formerly=replace(tell, key=former))


def relayed_message(method: str, request: Request) -> OutboundMessage:
    """`POST /v1/{method}` with the query and the body that were sent."""
    app = app_of(request)
    told = HttpRequest(
        method="POST",
        path=path("v1", method),
        query=urlencode(request.query),
        headers={"Content-Type": "application/json"},
        body=request.body,
        account=app,
    )
    return OutboundMessage(payload=told, scope=(app,))


def _whose(request: Request, events: Sequence[Event]) -> list[str]:
    """The user or device that a single event is about; a batch is about many."""
    if isinstance(request.json, list):
        return []
    found = (getattr(events[0], name, None) for name in IDENTIFIERS)
    return [str(next(value for value in found if value is not None))]


def with_additions(request: Request, events: Sequence[Event], settings: MyTrackerSettings) -> bytes:
    """The body, with conversions and additions; byte for byte as received where there are none.

    An addition that would make the body larger than MyTracker takes is left out, the least important first.
    """
    received: Any = request.json
    elements = [
        {**sent, **event.conversions()}
        for sent, event in zip(received if isinstance(received, list) else [received], events, strict=True)
    ]
    body = elements if isinstance(received, list) else elements[0]
    room = request.max_body - len(strict_json.write(body))
    for name, value, unless in _additions(request, settings):
        size = len(strict_json.write({name: value})) - len("{}") + len(",")
        for element in elements:
            if size <= room and not unless & element.keys():
                element[name] = value
                room -= size
    return request.document if room < 0 or body == received else strict_json.write(body)


def _additions(request: Request, settings: MyTrackerSettings) -> Iterator[tuple[str, Any, set[str]]]:
    """Name, value, and the fields beside which it is not added; the most important first."""
    # Without it, an event that waits in the queue would be dated by its delivery.
    yield "eventTimestamp", int(request.received_at), {"eventTimestamp"}
    if not settings.fill_client_ip:
        return
    with suppress(ValueError):  # a test invocation of API Gateway's has no address
        yield f"ipv{ip_address(request.source_ip).version}", request.source_ip, {"ipv4", "ipv6"}
    agent = request.header("user-agent")
    if 0 < len(agent) <= MAX_USER_AGENT and agent.isprintable():
        yield "userAgent", agent, {"userAgent"}
