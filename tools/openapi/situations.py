"""Everything that may become of a call, as what is done to its sample event and what the upstream does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from gateway.core.errors import Refused, Setup, Transient, UpstreamError
from gateway.core.task import DeliveryTask, Reply
from gateway.delivery.protocol import (
    Busy,
    Delivered,
    DeliveryPolicy,
    Failed,
    KeyTaken,
    Outcome,
    Queued,
    Replayed,
)
from gateway.endpoint import Endpoint
from tools.openapi.page import FORM, Page
from tools.openapi.rehearsal import UNASKED, Event, Keys, Told, Turn, rehearse, vendor_of

type Send = Callable[[], Reply]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """`name` is that of its example, `text` says what it is. An answer that is an error where none belongs,
    or none where one does, says that the endpoint knows no such situation."""

    name: str
    text: str
    event: Event
    turn: Turn
    keys: Keys = UNASKED
    error: bool = True


@dataclass(frozen=True)
class Seen:
    """A situation and what the app is told in it."""

    situation: Situation
    told: Told


def seen(handler: Endpoint[Any, Any], page: Page, event: Event) -> list[Seen]:
    """The situations that the endpoint knows, with its answers."""
    found = []
    for situation in _all(handler, page, event):
        told = rehearse(handler, page, situation.event, situation.turn, situation.keys)
        if told is not None and (told.status >= 400) == situation.error:
            found.append(Seen(situation, told))
    return found


def sample_body(event: Event) -> Any:
    """The body of a sample event as JSON, a form's fields too; None if there is none."""
    if not event["body"]:
        return None
    form = {name.lower(): value for name, value in event["headers"].items()}.get("content-type") == FORM
    return dict(parse_qsl(event["body"])) if form else json.loads(event["body"])


def _all(handler: Endpoint[Any, Any], page: Page, event: Event) -> Iterator[Situation]:
    yield Situation(name="delivered", text="The upstream has it.", event=event, turn=_delivered, error=False)
    yield Situation(
        name="queued",
        text="The upstream is down; a durable queue has it.",
        event=event,
        turn=lambda task, terms, send: Queued() if terms.may_queue else None,
        error=False,
    )
    yield Situation(
        name="replayed",
        text="An `Idempotency-Key` was sent again: the first answer.",
        event=_with_headers(event, **{"Idempotency-Key": "f8b1"}),
        turn=lambda task, terms, send: _replayed(handler, terms, send),
        error=False,
    )
    yield from _of_the_request(handler, page, event)
    yield from _of_the_key(page, event)
    yield from _of_the_upstream(page, event)


def _of_the_request(handler: Endpoint[Any, Any], page: Page, event: Event) -> Iterator[Situation]:
    def bad(name: str, text: str, event: Event) -> Situation:
        return Situation(name=name, text=text, event=event, turn=_taken_here)

    values = event["pathParameters"]
    if values:
        wrong = {**event, "pathParameters": dict.fromkeys(values, "no%2Fvalue")}
        yield bad("path", "A value of the path is of a wrong form, or not served here.", wrong)
    yield bad("method", "The path has another method; `Allow` says it.", {**event, "httpMethod": "PATCH"})
    limit = handler.system.dialect.max_body
    yield bad(
        "too_large", f"The body is larger than {limit:,} bytes, unfolded.", _with(event, "x" * (limit + 1))
    )
    yield bad(
        "encoding",
        "The body is encoded in another way than gzip.",
        _with_headers(event, **{"Content-Encoding": "br"}),
    )
    yield bad("no_body", "There is no body.", _with(event, None))
    yield bad("unreadable", "The body is no JSON.", _with(event, "{"))
    yield bad("not_an_object", "The body is JSON of a wrong kind.", _with(event, '"text"'))
    yield from (bad(*wrong) for wrong in _wrong_bodies(handler, event))
    yield bad(
        "idempotency_key",
        "The `Idempotency-Key` is not 1 to 255 printable ASCII characters.",
        _with_headers(event, **{"Idempotency-Key": "ü"}),
    )
    yield Situation(
        name="key_in_flight",
        text="A call with this `Idempotency-Key` is being worked on.",
        event=_with_headers(event, **{"Idempotency-Key": "f8b1"}),
        turn=lambda task, terms, send: Busy(3) if terms.own_key else None,
    )
    yield Situation(
        name="key_reused",
        text="The `Idempotency-Key` was used for another request.",
        event=_with_headers(event, **{"Idempotency-Key": "f8b1"}),
        turn=lambda task, terms, send: KeyTaken() if terms.own_key else None,
    )


def _wrong_bodies(handler: Endpoint[Any, Any], event: Event) -> Iterator[tuple[str, str, Event]]:
    body = sample_body(event)
    if isinstance(body, list):
        yield "empty", "The list is empty.", _with(event, "[]")
        spoilt = [*body[:-1], dict.fromkeys(body[-1])]
        yield "one_bad", "One element is not valid; none is taken.", _with(event, json.dumps(spoilt))
    if not isinstance(body, dict):
        return
    required = [name for name, field in handler.body.model_fields.items() if field.is_required()]
    first = required[0] if required else next(iter(body))
    yield "absent", "Required fields are absent.", _with(event, "{}")
    without = {name: value for name, value in body.items() if name != (required or [first])[-1]}
    yield "absent_one", "One required field is absent.", _with(event, json.dumps(without))
    yield "null", "A required field is null.", _with(event, json.dumps({**body, first: None}))
    yield "wrong", "A field is of a wrong form.", _with(event, json.dumps({**body, first: {"a": 1}}))
    yield "unknown", "A field has an unknown name.", _with(event, json.dumps({**body, "Nope": 1}))
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    for name, value in lists.items():
        nested = {**body, name: [*value[:-1], {key: {} for key in value[-1]}]}
        yield "nested", "A field of an element is of a wrong form.", _with(event, json.dumps(nested))
    if "Region" in body:
        yield "region", "The Region is none.", _with(event, json.dumps({**body, "Region": "B1"}))


def _of_the_key(page: Page, event: Event) -> Iterator[Situation]:
    if page.keys is None:
        return
    signed = _with_headers(event, **page.keys.sample)
    where = "" if page.keys.required else " (while keys are asked for)"
    yield Situation(
        name="key_refused",
        text=f"The client key is missing or not known{where}.",
        event=_with_headers(event, **dict.fromkeys(page.keys.sample)),
        turn=_delivered,
        keys=Keys(required=True),
    )
    yield Situation(
        name="key_elsewhere",
        text="The client key is for others than this.",
        event=signed,
        turn=_delivered,
        keys=Keys(required=True, allows=("another",)),
    )
    yield Situation(
        name="keys_unreadable",
        text=f"The client keys cannot be read now{where}.",
        event=signed,
        turn=_delivered,
        keys=Keys(required=True, readable=False),
    )


def _of_the_upstream(page: Page, event: Event) -> Iterator[Situation]:
    for number, (status, body, text) in enumerate(page.refusals, 1):
        error_answer = Refused(_json_reply(status, body))
        yield Situation(
            name=f"upstream_refused_{number}", text=text, event=event, turn=_failing(Failed(error_answer))
        )
    own = _json_reply(500, vendor_of(page).failure(500)) if page.vendor else None
    upstream = page.title if page.vendor else "The event store"
    for name, text, error in (
        ("upstream_error", "has an error of its own", Transient("status 500", reply=own)),
        ("unreachable", "cannot be reached", Transient("unreachable")),
        ("timeout", "does not answer in time", Transient("timeout", unanswered=True)),
        ("setup", "refuses the gateway itself", Setup("status 401")),
    ):
        failed = Failed(error)
        yield Situation(
            name=name,
            text=f"{upstream} {text}, and the queue cannot be reached either.",
            event=event,
            turn=lambda task, terms, send, failed=failed: failed if terms.may_queue else None,  # type: ignore[misc]
        )
        yield Situation(
            name=name,
            text=f"{upstream} {text}.",
            event=event,
            turn=lambda task, terms, send, failed=failed: None if terms.may_queue else failed,  # type: ignore[misc]
        )
    yield Situation(name="fault", text="A fault of the gateway's own.", event=event, turn=_fault)


def _delivered(task: DeliveryTask, terms: DeliveryPolicy, send: Send) -> Outcome:
    del task, terms
    return Delivered(send())


def _taken_here(task: DeliveryTask, terms: DeliveryPolicy, send: Send) -> Outcome | None:
    """What only the vendor refuses is no refusal of the gateway's."""
    try:
        return _delivered(task, terms, send)
    except UpstreamError:
        return None


def _replayed(handler: Endpoint[Any, Any], terms: DeliveryPolicy, send: Send) -> Outcome | None:
    return Replayed(handler.success.delivered(send()).marked("delivered")) if terms.own_key else None


def _failing(failed: Failed) -> Turn:
    return lambda task, terms, send: failed


def _fault(task: DeliveryTask, terms: DeliveryPolicy, send: Send) -> Outcome:
    raise RuntimeError("rehearsed")


def _json_reply(status: int, body: Any) -> Reply:
    return Reply(status=status, headers={"content-type": "application/json"}, body=json.dumps(body).encode())


def _with(event: Event, body: str | None) -> Event:
    """The event with another body; what is no form says so."""
    changed = {**event, "body": body, "isBase64Encoded": False}
    return _with_headers(changed, **{"Content-Type": "application/json"}) if body else changed


def _with_headers(event: Event, **headers: str | None) -> Event:
    """The event with other headers; None removes one."""
    changed = copy.deepcopy(event)
    taken = {name.lower() for name in headers}
    for kind in ("headers", "multiValueHeaders"):
        changed[kind] = {name: value for name, value in changed[kind].items() if name.lower() not in taken}
    for name, value in headers.items():
        if value is not None:
            changed["headers"][name] = value
            changed["multiValueHeaders"][name] = [value]
    return changed
