"""The schemas say what the endpoints do: of every field, what passes and what is refused."""

import importlib
import json
from typing import Any

import pytest

from gateway.core.errors import ClientError
from gateway.inbound.request import Request
from tests.architecture.house import TEMPLATE
from tests.fixtures.document import Document
from tests.profiles import profiles
from tests.sample_events import load_event
from tools.openapi.sample_event import sample_body
from tools.template.reader import Route


def is_validated(route: Route) -> bool:
    """Whether the endpoint's body has rules."""
    profile = profiles().get(route.system)
    return profile is not None and route.endpoint.partition(".")[2] not in profile.document.unvalidated


ENDPOINTS = sorted({route.endpoint for route in TEMPLATE.routes if is_validated(route)})

VALUES: list[Any] = [
    *(None, True, False, {}, [], {"a": "b"}, {"a": None}, {"a": {}}, {"a": 1.5}, {"": "b"}, ["a"], [{}]),
    *(-1, 0, 1, 2, 3, 128, 129, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**32 - 1, 2**32, 2**63 - 1, 2**63),
    *(0.5, -0.5, 1e2),
    *("", " ", "0", "00", "1", "+1", "-1", "2", "3", "٣", "1_000", " 1", "1.5", "-1.5", ".5", "5.", "1e2"),
    *("1/2", "1,5", "NaN", "true", "True", "tRUE", "on", "off", "BR", "B", "BR\n", "BR1", "USD", "usd"),
    *("ping", "pong", "delivered", "onscreen", "a@b", "a@b c", "@b", "2017-06-02", "2017-02-29", "20170602"),
    *("192.0.2.7", "256.0.0.1", "2001:db8::1", "fe80::1%1", "fcm", "a\nb", "\u00e9", "\U0001f600"),
    "fe3bcc9f-3289-4651-ad15-3b995718badd",
    "fe3bcc9f-3289-4651-ad15-3b995718bad",
    *("x" * length for length in (3, 15, 16, 17, 32, 33, 36, 37, 45, 46, 64, 65, 100, 101, 255, 256)),
    *("x" * length for length in (1024, 1025, 2048, 2049)),
]
ABSENT = object()


def looser(system: str, value: Any) -> bool:
    """What an endpoint may refuse although the schema does not: JSON Schema bounds no digits in a text (the
    number beside it shows the bounds), takes 100.0 for an integer, and Python's `$` stands before a final
    line break, too."""
    own = profiles()[system].document.looser(value)
    return own or (isinstance(value, float) and value.is_integer()) or str(value).endswith("\n")


def stricter(system: str, value: Any) -> bool:
    """What an endpoint may take although the schema does not say so, to be brief."""
    return profiles()[system].document.stricter(value)


def accepted(endpoint: str, body: Any) -> bool:
    """Whether the endpoint makes a task of the body."""
    handler = importlib.import_module(endpoint).handler
    event = load_event(endpoint.replace(".", "/"))
    headers = {name: value for name, value in event["headers"].items() if name != "Content-Type"}
    made = {**event, "headers": headers, "multiValueHeaders": None, "body": json.dumps(body)}
    try:
        handler.task(Request.of(made, max_body=handler.contract.max_body))
    except ClientError:
        return False
    return True


def places(body: Any, schema: dict[str, Any], document: Document) -> list[tuple[Any, ...]]:
    """The steps to every field that the schema names, through the sample body's own objects and lists."""
    kinds = [document.resolved(kind) for kind in [schema, *schema.get("anyOf", [])]]
    found: list[tuple[Any, ...]] = []
    for kind in kinds:
        for name, field in kind.get("properties", {}).items():
            inner = body.get(name) if isinstance(body, dict) else None
            found += [(name,), *((name, *rest) for rest in places(inner, field, document))]
        if "items" in kind and isinstance(body, list) and body:
            found += [(0, *rest) for rest in places(body[0], kind["items"], document)]
    return found


def changed(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The body with another value in a place, or none there."""
    step, *rest = place
    if rest:
        inner = body.get(step) if isinstance(body, dict) else body[step]
        value = changed({} if inner is None else inner, tuple(rest), value)
    if isinstance(body, list):
        return [value, *body[1:]]
    kept = {name: other for name, other in body.items() if name != step}
    return kept if value is ABSENT else {**kept, step: value}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_passes_and_what_is_refused(document: Document, endpoint: str) -> None:
    system = endpoint.partition(".")[0]
    operations = {operation["operationId"]: operation for _, _, operation in document.operations()}
    content = document.resolved(operations[endpoint.replace(".", "_")]["requestBody"])["content"]
    schema = content["application/json"]["schema"]
    sample = sample_body(load_event(endpoint.replace(".", "/")))
    tried = places(sample, document.resolved(schema), document)
    assert tried

    disagreements = []
    for place in tried:
        for value in [ABSENT, *VALUES]:
            body = changed(sample, place, value)
            said, done = not document.problems(schema, body), accepted(endpoint, body)
            if said and not done and not looser(system, value):
                disagreements.append(("the schema lets pass", place, value))
            if done and not said and not stricter(system, value):
                disagreements.append(("the schema refuses", place, value))

    assert disagreements == []


@pytest.mark.parametrize("endpoint", [name for name in ENDPOINTS if not name.endswith("_batch")])
def test_unknown_fields(document: Document, endpoint: str) -> None:
    name = endpoint.replace(".", "_")
    (operation,) = [one for _, _, one in document.operations() if one["operationId"] == name]
    schema = document.resolved(operation["requestBody"])["content"]["application/json"]["schema"]
    body = sample_body(load_event(endpoint.replace(".", "/"))) | {"Nope": "1"}

    assert (document.problems(schema, body) == []) == accepted(endpoint, body)
    assert accepted(endpoint, body) == (not profiles()[endpoint.partition(".")[0]].document.closed)
