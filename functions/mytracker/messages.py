"""Messages to MyTracker: the app's events with what the gateway adds, or a request as received."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

from gateway.core import strict_json
from gateway.core.message import HttpRequest, OutboundMessage
from gateway.inbound.identity import fingerprint
from gateway.inbound.request import Request
from gateway.outbound.http_upstream import path
from mytracker.fields import Event
from mytracker.system import IDENTIFIERS, MyTrackerSettings, app_of, settings

MAX_USER_AGENT = 2048


def events_message(
    method: str, request: Request, events: Sequence[Event], *, transactions: Sequence[str] = ()
) -> OutboundMessage:
    """`POST /v1/{method}/?idApp=…`, unique by its transactions, if it has any."""
    app = app_of(request)
    payload = HttpRequest(
        method="POST",
        path=f"{path('v1', method)}/",
        query=urlencode({"idApp": app}),
        headers={"Content-Type": "application/json"},
        body=with_additions(request, events, settings),
        account=app,
    )
    message = OutboundMessage(payload=payload, scope=(app, *_subject(request, events)))
    if not transactions:
        return message
    # Another body with the same transaction may be a correction: it is another event. The same body is the
    # same event, also in a batch.
    single = replace(request, resource=path("v1", method))
    key, former = (
        strict_json.write([*transactions, digest]).decode()
        for digest in (fingerprint(single), request.digest())
    )
    return replace(message, key=key, formerly=replace(message, key=former))


def relayed_message(method: str, request: Request) -> OutboundMessage:
    """`POST /v1/{method}` with the query and the body as received."""
    app = app_of(request)
    payload = HttpRequest(
        method="POST",
        path=path("v1", method),
        query=urlencode(request.query),
        headers={"Content-Type": "application/json"},
        body=request.body,
        account=app,
    )
    return OutboundMessage(payload=payload, scope=(app,))


def _subject(request: Request, events: Sequence[Event]) -> list[str]:
    """The user or device of a single event; a batch has many."""
    if isinstance(request.json, list):
        return []
    found = (getattr(events[0], name, None) for name in IDENTIFIERS)
    return [str(next(value for value in found if value is not None))]


def with_additions(request: Request, events: Sequence[Event], settings: MyTrackerSettings) -> bytes:
    """The body, with conversions and additions; byte for byte as received if there are none.

    An addition that would make the body larger than MyTracker accepts is left out, the least important first.
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
    """Name, value, and the fields that make the addition unnecessary; the most important first."""
    # Without it, a queued event would be dated by its delivery.
    yield "eventTimestamp", int(request.received_at), {"eventTimestamp"}
    if not settings.fill_client_ip:
        return
    with suppress(ValueError):  # a test invocation from API Gateway's console has no address
        yield f"ipv{ip_address(request.source_ip).version}", request.source_ip, {"ipv4", "ipv6"}
    agent = request.header("user-agent")
    if 0 < len(agent) <= MAX_USER_AGENT and agent.isprintable():
        yield "userAgent", agent, {"userAgent"}
