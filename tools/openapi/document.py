"""The whole document: paths in the template's order, then what they refer to."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

from gateway import __version__
from tools.openapi import doors, edges, headers
from tools.openapi.operations import Operations, sample
from tools.systems import registry
from tools.systems.page import Schema
from tools.systems.profile import Profile
from tools.template.reader import Route, Template

EDGE = "edge"
"""The folder of what belongs to no system."""

ABOUT = """\
One API between mobile apps and tracking systems. Paths, methods, bodies and errors are each system's own, \
so an app changes only its base URL and its key.

- Apps send a *client key* of the gateway; vendors' credentials never leave your AWS account.
- A 2xx means that the event was `delivered` or is safely `queued`; the header `Gateway-Delivery` says which.
- Paths work with and without a trailing slash. There are no redirects.
- Bodies are read as JSON whatever `Content-Type` says, unless the system accepts forms. gzip is accepted.
- Fields that a schema does not list are passed on, unless the schema forbids them.
- Integers have neither a decimal point nor an exponent. Where an integer may also be a string, the same \
bounds apply.
- This document describes the default settings.
"""

SERVERS = [
    {"url": "http://127.0.0.1:3000", "description": "`make local`"},
    {
        "url": "https://{domain}",
        "description": "A stack with its own domain",
        "variables": {"domain": {"default": "events.example.com"}},
    },
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com/live",
        "description": "A stack without its own domain",
        "variables": {"api": {"default": "abcdefghij"}, "region": {"default": "eu-central-1"}},
    },
]


def text(template: Template) -> str:
    """The document as it stands in its file."""
    return json.dumps(made(template), indent=1, ensure_ascii=False) + "\n"


def made(template: Template) -> Schema:
    """The document."""
    profiles = _profiles(template)
    operations = Operations()
    answers: dict[str, Schema] = {}
    firsts: dict[str, Route] = {}
    paths: dict[str, Schema] = {}
    for route in template.routes:
        event = sample(route.endpoint)
        if route.system == EDGE:
            paths[route.path.replace("+}", "}")] = {"get": edges.unknown(route.path, event, profiles)}
            continue
        if route.is_door:
            method, operation = "post", doors.operation(operations, route, profiles[route.system])
            event = {**event, "resource": route.path, "path": route.path}
        else:
            first = firsts.setdefault(route.endpoint, route)
            method, operation = operations.of(route, profiles[route.system], first)
        name, answer = edges.preflight(importlib.import_module(route.endpoint).handler, event)
        answers[name] = answer
        in_path = [one for one in operation["parameters"] if one.get("in") == "path"]
        asked = edges.preflight_operation(name, operation["operationId"], in_path)
        paths[route.path] = {method: operation, "options": asked}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trackgate",
            "version": __version__,
            "summary": "A gateway for mobile tracking events",
            "description": ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": SERVERS,
        "tags": [
            *({"name": one.title, "description": one.page.about} for one in profiles.values()),
            {"name": doors.TAG, "description": doors.ABOUT},
            *({"name": name, "description": about} for name, about in edges.TAGS.items()),
        ],
        "paths": paths,
        "components": _components(operations, answers, template.gateway_responses, profiles),
    }


def _profiles(template: Template) -> dict[str, Profile]:
    """The systems' profiles, in the template's order. Raises ModuleNotFoundError for one without."""
    systems = dict.fromkeys(route.system for route in template.routes if route.system != EDGE)
    return {system: registry.profile(system) for system in systems}


def _components(
    operations: Operations,
    answers: dict[str, Schema],
    own: Mapping[str, Mapping[str, Any]],
    profiles: Mapping[str, Profile],
) -> dict[str, Any]:
    schemas = {"ContentEncoding": headers.ENCODING, **doors.schemas(), **edges.own_error(own)}
    found = {
        "schemas": operations.schemas.components | schemas,
        "responses": operations.responses.components | answers | edges.own_answers(own),
        "requestBodies": operations.bodies,
    }
    return {
        **{kind: dict(sorted(components.items())) for kind, components in found.items()},
        "parameters": headers.PARAMETERS,
        "headers": headers.components(),
        "securitySchemes": {
            name: scheme
            for one in profiles.values()
            if one.page.keys
            for name, scheme in one.page.keys.schemes.items()
        },
    }
