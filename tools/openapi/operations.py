"""A route's operation: parameters, body, answers."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

from gateway.endpoint import Endpoint
from tools.openapi.answers import Responses
from tools.openapi.sample_event import sample_body
from tools.openapi.scenarios import Seen, seen
from tools.openapi.schemas import Schemas, pascal
from tools.openapi.simulate import Event
from tools.places import EVENTS
from tools.systems.page import FORM, MULTIPART, ClientKeys, Schema
from tools.systems.profile import Profile
from tools.template.reader import Route

_OWN_NAME = re.compile(r"`[^`]*`: ")
_IN_BRACES = re.compile(r"\{(\w+)\}")


class Operations:
    """Makes operations, and collects the components that they refer to."""

    def __init__(self) -> None:
        """None yet."""
        self.schemas = Schemas()
        self.responses = Responses(self.schemas)
        self.bodies: dict[str, Schema] = {}
        self._made: dict[str, Schema] = {}

    def of(self, route: Route, profile: Profile, first: Route) -> tuple[str, Schema]:
        """A route's method and operation; `first` is the first route of the same endpoint."""
        handler: Endpoint[Any, Any] = importlib.import_module(route.endpoint).handler
        event = sample(route.endpoint)
        if route.endpoint not in self._made:
            self._made[route.endpoint] = self._make(handler, profile, event)
        path = [*_path(route, handler, self.schemas, event)]
        parameters = [*path, *self._made[route.endpoint]["parameters"]]
        layout = _layout(route, first)
        made = self._made[route.endpoint]
        return handler.method.lower(), {
            "operationId": f"{profile.name}_{handler.name}{f'_{layout}' if layout else ''}",
            **made,
            "summary": f"{made['summary']} ({layout})" if layout else made["summary"],
            "parameters": parameters,
        }

    def _make(self, handler: Endpoint[Any, Any], profile: Profile, event: Event) -> Schema:
        found = seen(handler, profile, event)
        names = {one.scenario.name for one in found}
        made: Schema = {
            "tags": [profile.title],
            "summary": handler.name.replace("_", " ").capitalize(),
            "description": _description(handler, profile, names),
            "parameters": [*profile.page.query(handler.name), *_headers(handler, names)],
        }
        if "too_large" in names:
            made["requestBody"] = self._body(handler, profile, event, found)
        made["responses"] = self.responses.of(profile, handler.name, found)
        made["security"] = security(profile.page.keys) if "key_refused" in names else []
        return made

    def _body(self, handler: Endpoint[Any, Any], profile: Profile, event: Event, found: list[Seen]) -> Schema:
        schema = self.schemas.body(handler.body, profile.prefix)
        example = sample_body(event)
        examples = {} if example is None else {"examples": {handler.name: {"value": example}}}
        content = {}
        for media in profile.page.media:
            as_form = media in (FORM, MULTIPART)
            content[media] = {"schema": self.schemas.form(schema) if as_form else schema} | (
                {"examples": {handler.name: {"value": _as_fields(example)}}} if as_form else examples
            )
        limit = handler.contract.max_body
        name = f"{profile.prefix}{pascal(handler.name)}"
        self.bodies[name] = {
            "description": f"At most {limit:,} bytes after decompression.",
            "required": any(one.scenario.name == "no_body" for one in found),
            "content": content,
        }
        return {"$ref": f"#/components/requestBodies/{name}"}


def sample(endpoint: str) -> Event:
    """The sample event of `acme.new_session`."""
    event: Event = json.loads((EVENTS / f"{endpoint.replace('.', '/')}.json").read_text())
    return event


def _path(route: Route, handler: Endpoint[Any, Any], schemas: Schemas, event: Event) -> Iterator[Schema]:
    fields = schemas.fields(handler.path)
    for name in _IN_BRACES.findall(route.path):
        schema = dict(fields.get(name, {"type": "string", "description": "Ignored; any value will do."}))
        about = schema.pop("description", "")
        parameter = {"name": name, "in": "path", "required": True, "schema": schema}
        parameter |= {"description": about} if about else {}
        values = event["pathParameters"] or {}
        yield parameter | ({"example": values[name]} if name in values else {})


def _headers(handler: Endpoint[Any, Any], names: set[str]) -> Iterator[Schema]:
    if handler.contract.carries_event:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    if "encoding" in names:
        yield {"$ref": "#/components/parameters/ContentEncoding"}


def security(keys: ClientKeys | None) -> list[Schema]:
    """Any one of these will do; `{}` means that none is needed."""
    if keys is None:
        return []
    ways: list[Schema] = [{scheme: []} for scheme in keys.schemes]
    return ways if keys.required else [{}, *ways]


def _purpose(handler: Endpoint[Any, Any]) -> str:
    """What the endpoint's file says it is for, as a sentence."""
    text = importlib.import_module(f"{handler.message.__module__}").__doc__ or ""
    text = " ".join(text.partition("\n\n")[0].split())
    named = _OWN_NAME.match(text)
    text = text[named.end() :] if named else text
    return (text[:1].upper() + text[1:]).removesuffix(".") + "."


def _description(handler: Endpoint[Any, Any], profile: Profile, names: set[str]) -> str:
    about = " ".join((handler.__doc__ or "").split())
    parts = [_purpose(handler), f"{profile.title} receives {about}" if profile.vendor else about]
    upstream = profile.title if profile.vendor else "the event store"
    if "queued" in names:
        parts.append(f"If {upstream} is down, the event is queued.")
    elif handler.contract.carries_event:
        parts.append(f"Not queued, because the app needs {upstream}'s own answer.")
    return "\n\n".join(parts)


def _layout(route: Route, first: Route) -> str:
    """What tells the operation of a further path from that of the first: a word that the first has not."""
    if route == first:
        return ""
    known = first.path.split("/")
    return next(word for word in route.path.split("/") if word not in known)


def _as_fields(body: dict[str, Any]) -> dict[str, Any]:
    """A body as the fields of a form."""
    return {
        name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in body.items()
    }
