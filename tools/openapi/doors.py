"""The operations of batch doors: what a batch may hold, and what the whole of one may be refused for."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.core.settings import DeliveryMode
from gateway.endpoint import Endpoint
from gateway.inbound.items import MAX_ITEMS, MAX_RECEIVED, MAX_UNPACKED, NDJSON
from tools.openapi import headers
from tools.openapi.operations import Operations, sample, security
from tools.openapi.sample_event import sample_body, with_body, with_headers
from tools.openapi.scenarios import Scenario, Seen
from tools.openapi.schemas import pascal
from tools.openapi.simulate import EVENT_ID, UNASKED, Event, Keys, Response, SimulatedSecret, response
from tools.systems.door import door_event
from tools.systems.page import JSON, Page, Schema
from tools.systems.profile import Profile
from tools.template.reader import Route

TAG = "Batch doors"
ABOUT = (
    f"Up to {MAX_ITEMS} of an endpoint's bodies in one call. Each item is validated, delivered and answered "
    "individually. This contract is the gateway's own, not a vendor's: see docs/batch.md."
)
CLOSED = "closed"
_ITEM = "BatchItem"
_ANSWER = "BatchAnswer"
_SCHEMA = {"$ref": f"#/components/schemas/{_ANSWER}"}


def schemas() -> dict[str, Schema]:
    """The schemas of a batch's answer."""
    item: Schema = {
        "type": "object",
        "properties": {
            "index": {"type": "integer", "description": "The item's position in the batch, from 0."},
            "status": {"type": "integer", "description": "What the single call would have answered."},
            "delivery": {"enum": ["delivered", "queued", "rejected", "unknown"]},
            "event_id": {
                "type": "string",
                "description": "The item's event id, as `Gateway-Event-Id` of a single call.",
            },
            "error": {
                "type": ["string", "null"],
                "description": "The reason, as `Gateway-Error` of a single call.",
            },
        },
    }
    item["required"] = list(item["properties"])
    listed = {"type": "array", "items": {"$ref": f"#/components/schemas/{_ITEM}"}}
    answer = {"type": "object", "properties": {"items": listed}, "required": ["items"]}
    return {_ITEM: item, _ANSWER: answer}


def operation(operations: Operations, route: Route, profile: Profile) -> Schema:
    """The operation of a door."""
    handler: Endpoint[Any, Any] = importlib.import_module(route.endpoint).handler
    event = _event(route)
    refused = [Seen(one, _answer(handler, profile, one)) for one in _scenarios(handler, profile.page, event)]
    refused = [one for one in refused if one.response.status >= 400]
    responses = operations.responses.of(profile, handler.name, refused, kind="Batch")
    return {
        "operationId": f"batch_{profile.name}_{handler.name}",
        "tags": [TAG],
        "summary": f"Batch: {profile.title} {handler.name.replace('_', ' ')}",
        "description": _description(handler),
        "parameters": [
            *_in_query(handler, operations, event),
            *profile.page.query(handler.name),
            *(
                {"$ref": f"#/components/parameters/{name}"}
                for name in ("BatchIdempotencyKey", "ContentEncoding")
            ),
        ],
        "requestBody": {"$ref": f"#/components/requestBodies/{_body(operations, handler, profile, event)}"},
        "responses": {**_answered(handler, profile, event), **responses},
        "security": security(profile.page.keys) if handler.contract.needs_key else [],
    }


def _event(route: Route) -> Event:
    single = sample(route.endpoint)
    return door_event(single, route.path, [sample_body(single)])


def _description(handler: Endpoint[Any, Any]) -> str:
    takes_all = handler.system.upstream.at_once >= MAX_ITEMS
    how = (
        "All items are stored together; those that fail are queued." if takes_all else "Every item is queued."
    )
    off = (
        ""
        if takes_all or handler.system.settings.delivery != DeliveryMode.OFF
        else (" Closed (404) by default: the system's `Delivery` setting is `off`.")
    )
    return f"{how}{off}"


def _in_query(handler: Endpoint[Any, Any], operations: Operations, event: Event) -> Iterator[Schema]:
    """What the single call has in its path."""
    for name, found in operations.schemas.fields(handler.path).items():
        schema = dict(found)
        about = schema.pop("description", "")
        parameter = {"name": name, "in": "query", "required": True, "schema": schema}
        parameter |= {"description": about} if about else {}
        yield parameter | {"example": event["queryStringParameters"][name]}


def _body(operations: Operations, handler: Endpoint[Any, Any], profile: Profile, event: Event) -> str:
    item = operations.schemas.body(handler.body, profile.prefix)
    name = f"Batch{profile.prefix}{pascal(handler.name)}"
    operations.bodies[name] = {
        "description": (
            f"1 to {MAX_ITEMS} items; at most {MAX_RECEIVED:,} bytes as sent, {MAX_UNPACKED:,} bytes "
            f"unpacked, {handler.contract.max_body:,} bytes per item."
        ),
        "required": True,
        "content": {
            JSON: {
                "schema": {"type": "array", "items": item, "minItems": 1, "maxItems": MAX_ITEMS},
                "examples": {handler.name: {"value": json.loads(event["body"])}},
            },
            NDJSON: {"schema": {"type": "string", "description": "One item per line."}},
        },
    }
    return name


def _scenarios(handler: Endpoint[Any, Any], page: Page, event: Event) -> Iterator[Scenario]:
    def bad(name: str, text: str, event: Event, keys: Keys = UNASKED) -> Scenario:
        return Scenario(name=name, text=text, event=event, outcome_of=lambda *_: None, keys=keys)

    if handler.system.upstream.at_once < MAX_ITEMS:
        yield bad(CLOSED, "The system's `Delivery` setting is `off`.", event)
    yield bad(
        "method", "The method is not allowed; `Allow` lists those that are.", {**event, "httpMethod": "PATCH"}
    )
    if handler.path.model_fields:
        wrong = {**event, "queryStringParameters": None, "multiValueQueryStringParameters": None}
        yield bad(
            "path", "A query parameter that the single call has in its path is missing or invalid.", wrong
        )
    yield bad("too_large", "The body is too large.", with_body(event, " " * (MAX_RECEIVED + 1)))
    encoded = with_headers(event, **{"Content-Encoding": "br"})
    yield bad("encoding", "The body has a content encoding other than gzip.", encoded)
    yield bad("no_items", "The batch is empty.", with_body(event, "[]"))
    yield bad("not_an_array", "The body is not a JSON array.", with_body(event, "{}"))
    yield bad("unreadable", "The body is not JSON.", with_body(event, "[{"))
    many = json.dumps([{}] * (MAX_ITEMS + 1))
    yield bad("too_many", f"There are more than {MAX_ITEMS} items.", with_body(event, many))
    keyed = with_headers(event, **{"Idempotency-Key": "ü"})
    yield bad("idempotency_key", "The `Idempotency-Key` is not 1 to 251 printable ASCII characters.", keyed)
    if page.keys is None:
        return
    where = "" if page.keys.required else " (if keys are required)"
    unsigned = with_headers(event, **dict.fromkeys(page.keys.sample))
    yield bad("key_refused", f"The client key is missing or unknown{where}.", unsigned, Keys(required=True))
    signed = with_headers(event, **page.keys.sample)
    elsewhere = Keys(required=True, allows=("another",))
    yield bad("key_elsewhere", "The client key does not allow this resource.", signed, elsewhere)
    unreadable = Keys(required=True, readable=False)
    yield bad("keys_unreadable", f"The client keys are unavailable at the moment{where}.", signed, unreadable)


def _answer(handler: Endpoint[Any, Any], profile: Profile, scenario: Scenario) -> Response:
    """What the door answers while its queue takes everything."""
    system = handler.system
    delivery = DeliveryMode.OFF if scenario.name == CLOSED else DeliveryMode.DIRECT
    required = "required" if scenario.keys.required else "off"
    actor = copy.copy(handler)
    actor.system = replace(
        system,
        settings=system.settings.model_copy(
            update={"client_keys": required, "records": "", "delivery": delivery}
        ),
        secret=SimulatedSecret(system.account, scenario.keys, f"local-{profile.name}-credential"),
    )
    executor = actor.system.executor
    executor.enqueue_many = lambda tasks, *, seconds: [True] * len(tasks)  # type: ignore[method-assign]
    return response(actor(scenario.event))


def _answered(handler: Endpoint[Any, Any], profile: Profile, event: Event) -> dict[str, Schema]:
    item = json.loads(event["body"])[0]
    found = {
        "200": ("All items were accepted.", [item]),
        "207": ("At least one item was not accepted; see each item's status.", [item, []]),
    }
    made = {}
    for status, (text, items) in found.items():
        scenario = Scenario(
            name=handler.name,
            text=text,
            event=with_body(event, json.dumps(items)),
            outcome_of=lambda *_: None,
        )
        answer = _answer(handler, profile, scenario)
        example = {"items": [{**one, "event_id": EVENT_ID} for one in answer.value["items"]]}
        made[status] = {
            "description": text,
            "headers": headers.of([answer]),
            "content": {JSON: {"schema": _SCHEMA, "examples": {handler.name: {"value": example}}}},
        }
    return made
