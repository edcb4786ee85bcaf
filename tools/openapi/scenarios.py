"""Everything that may become of a call, as what is done to its sample event and what the upstream does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import Refused, Setup, TimedOut, Transient, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.outcomes import Delivered, Failed, KeyInFlight, KeyReused, Outcome, Queued, Replayed
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy
from gateway.endpoint import Endpoint
from tools.openapi.sample_event import sample_body, with_body, with_headers
from tools.openapi.simulate import UNASKED, Event, Keys, OutcomeOf, Response, simulate
from tools.systems.page import ClientKeys, Page
from tools.systems.profile import Profile

type Send = Callable[[], Reply]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`name` is that of its example, `text` says what it is. An answer that is an error where none belongs,
    or none where one does, says that the endpoint knows no such scenario."""

    name: str
    text: str
    event: Event
    outcome_of: OutcomeOf
    keys: Keys = UNASKED
    error: bool = True


@dataclass(frozen=True)
class Seen:
    """A scenario and what the app is answered in it."""

    scenario: Scenario
    response: Response


def seen(handler: Endpoint[Any, Any], profile: Profile, event: Event) -> list[Seen]:
    """The scenarios that the endpoint knows, with its answers."""
    found = []
    for scenario in _all(handler, profile, event):
        response = simulate(handler, profile, scenario.event, scenario.outcome_of, scenario.keys)
        if response is not None and (response.status >= 400) == scenario.error:
            found.append(Seen(scenario, response))
    return found


def _all(handler: Endpoint[Any, Any], profile: Profile, event: Event) -> Iterator[Scenario]:
    yield Scenario(
        name="delivered", text="The event was delivered.", event=event, outcome_of=_delivered, error=False
    )
    yield Scenario(
        name="queued",
        text="The event is queued, because it could not be delivered now.",
        event=event,
        outcome_of=lambda task, policy, send: Queued() if policy.may_queue else None,
        error=False,
    )
    yield Scenario(
        name="replayed",
        text="The `Idempotency-Key` was sent before: this is the first call's answer.",
        event=with_headers(event, **{"Idempotency-Key": "f8b1"}),
        outcome_of=lambda task, policy, send: _replayed(handler, policy, send),
        error=False,
    )
    yield from _of_the_request(handler, profile.page, event)
    yield from _of_the_key(profile.page.keys, event)
    yield from _of_the_upstream(profile, event)


def _of_the_request(handler: Endpoint[Any, Any], page: Page, event: Event) -> Iterator[Scenario]:
    def bad(name: str, text: str, event: Event) -> Scenario:
        return Scenario(name=name, text=text, event=event, outcome_of=_taken_here)

    values = event["pathParameters"]
    if values:
        wrong = {**event, "pathParameters": dict.fromkeys(values, "no%2Fvalue")}
        yield bad("path", "A path parameter is invalid, or names something that is not served here.", wrong)
    yield bad(
        "method", "The method is not allowed; `Allow` lists those that are.", {**event, "httpMethod": "PATCH"}
    )
    limit = handler.contract.max_body
    yield bad(
        "too_large",
        f"The body is larger than {limit:,} bytes after decompression.",
        with_body(event, "x" * (limit + 1)),
    )
    yield bad(
        "encoding",
        "The body has a content encoding other than gzip.",
        with_headers(event, **{"Content-Encoding": "br"}),
    )
    yield bad("no_body", "The body is missing.", with_body(event, None))
    yield bad("unreadable", "The body is not JSON.", with_body(event, "{"))
    yield bad("not_an_object", "The body is JSON of the wrong type.", with_body(event, '"text"'))
    yield from (bad(*wrong) for wrong in _wrong_bodies(handler, page, event))
    yield bad(
        "idempotency_key",
        "The `Idempotency-Key` is not 1 to 255 printable ASCII characters.",
        with_headers(event, **{"Idempotency-Key": "ü"}),
    )
    yield Scenario(
        name="key_in_flight",
        text="Another call with this `Idempotency-Key` is in progress.",
        event=with_headers(event, **{"Idempotency-Key": "f8b1"}),
        outcome_of=lambda task, policy, send: KeyInFlight(3) if policy.key is KeyPolicy.CLIENT else None,
    )
    yield Scenario(
        name="key_reused",
        text="The `Idempotency-Key` was used for a different request.",
        event=with_headers(event, **{"Idempotency-Key": "f8b1"}),
        outcome_of=lambda task, policy, send: KeyReused() if policy.key is KeyPolicy.CLIENT else None,
    )


def _wrong_bodies(handler: Endpoint[Any, Any], page: Page, event: Event) -> Iterator[tuple[str, str, Event]]:
    body = sample_body(event)
    if isinstance(body, list):
        yield "empty", "The array is empty.", with_body(event, "[]")
        spoilt = [*body[:-1], dict.fromkeys(body[-1])]
        yield (
            "one_bad",
            "One element is invalid, which rejects all of them.",
            with_body(event, json.dumps(spoilt)),
        )
    if not isinstance(body, dict):
        return
    required = [name for name, field in handler.body.model_fields.items() if field.is_required()]
    first = required[0] if required else next(iter(body))
    yield "absent", "Required fields are missing.", with_body(event, "{}")
    without = {name: value for name, value in body.items() if name != (required or [first])[-1]}
    yield "absent_one", "One required field is missing.", with_body(event, json.dumps(without))
    yield "null", "A required field is null.", with_body(event, json.dumps({**body, first: None}))
    yield "wrong", "A field is invalid.", with_body(event, json.dumps({**body, first: {"a": 1}}))
    yield "unknown", "A field has an unknown name.", with_body(event, json.dumps({**body, "Nope": 1}))
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    for name, value in lists.items():
        nested = {**body, name: [*value[:-1], {key: {} for key in value[-1]}]}
        yield "nested", "A field of an element is invalid.", with_body(event, json.dumps(nested))
    for field, (text, value) in page.refused_values.items():
        if field in body:
            yield field.lower(), text, with_body(event, json.dumps({**body, field: value}))


def _of_the_key(keys: ClientKeys | None, event: Event) -> Iterator[Scenario]:
    if keys is None:
        return
    signed = with_headers(event, **keys.sample)
    where = "" if keys.required else " (if keys are required)"
    yield Scenario(
        name="key_refused",
        text=f"The client key is missing or unknown{where}.",
        event=with_headers(event, **dict.fromkeys(keys.sample)),
        outcome_of=_delivered,
        keys=Keys(required=True),
    )
    yield Scenario(
        name="key_elsewhere",
        text="The client key does not allow this resource.",
        event=signed,
        outcome_of=_delivered,
        keys=Keys(required=True, allows=("another",)),
    )
    yield Scenario(
        name="keys_unreadable",
        text=f"The client keys are unavailable at the moment{where}.",
        event=signed,
        outcome_of=_delivered,
        keys=Keys(required=True, readable=False),
    )


def _of_the_upstream(profile: Profile, event: Event) -> Iterator[Scenario]:
    for number, (status, body, text) in enumerate(profile.page.refusals, 1):
        refused = Failed(Refused(_json_reply(status, body)))
        yield Scenario(
            name=f"upstream_refused_{number}", text=text, event=event, outcome_of=_failing(refused)
        )
    own = _json_reply(500, profile.vendor().failure(500)) if profile.vendor else None
    upstream = profile.title if profile.vendor else "The event store"
    for name, text, error in (
        ("upstream_error", "answered with an error of its own", Transient("status 500", reply=own)),
        ("unreachable", "is unreachable", Transient("unreachable")),
        ("timeout", "did not answer in time", TimedOut(may_have_arrived=True)),
        ("setup", "refused the gateway's credential", Setup("status 401")),
    ):
        failed = Failed(error)
        yield Scenario(
            name=name,
            text=f"{upstream} {text}, and the queue is unreachable, too.",
            event=event,
            outcome_of=lambda task, policy, send, failed=failed: failed if policy.may_queue else None,  # type: ignore[misc]
        )
        yield Scenario(
            name=name,
            text=f"{upstream} {text}.",
            event=event,
            outcome_of=lambda task, policy, send, failed=failed: None if policy.may_queue else failed,  # type: ignore[misc]
        )
    yield Scenario(name="fault", text="The gateway itself failed.", event=event, outcome_of=_fault)


def _delivered(task: DeliveryTask, policy: DeliveryPolicy, send: Send) -> Outcome:
    del task, policy
    return Delivered(send())


def _taken_here(task: DeliveryTask, policy: DeliveryPolicy, send: Send) -> Outcome | None:
    """What only the vendor refuses is no refusal of the gateway's."""
    try:
        return _delivered(task, policy, send)
    except UpstreamError:
        return None


def _replayed(handler: Endpoint[Any, Any], policy: DeliveryPolicy, send: Send) -> Outcome | None:
    if policy.key is not KeyPolicy.CLIENT:
        return None
    return Replayed(handler.success.delivered(send()).marked("delivered"))


def _failing(failed: Failed) -> OutcomeOf:
    return lambda task, policy, send: failed


def _fault(task: DeliveryTask, policy: DeliveryPolicy, send: Send) -> Outcome:
    raise RuntimeError("simulated")


def _json_reply(status: int, body: Any) -> Reply:
    return Reply(status=status, headers={"content-type": "application/json"}, body=json.dumps(body).encode())
