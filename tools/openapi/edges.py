"""What no endpoint answers: preflights, paths that no route has, and API Gateway's own errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from edge.unknown_path import handler as unknown_path
from gateway.endpoint import Endpoint
from tools.openapi import headers
from tools.openapi.simulate import Event, Response, response
from tools.systems.page import TEXT, Schema, record
from tools.systems.profile import Profile

PREFLIGHT = "Preflight"
UNKNOWN = "Unknown paths"

TAGS = {
    PREFLIGHT: "CORS preflights, which browsers send before a call to another origin. They need no key.",
    UNKNOWN: "Any other path, with any method. The error has the format of the system that it resembles.",
}

_MESSAGE = "$context.error.messageString"


def preflight(handler: Endpoint[Any, Any], event: Event) -> tuple[str, Schema]:
    """The name and the response of a preflight of an endpoint's path."""
    asked = {"Access-Control-Request-Headers": "idempotency-key", "Origin": "https://app.example"}
    heard = response(handler({**event, "httpMethod": "OPTIONS", "headers": asked, "multiValueHeaders": None}))
    made = {"description": "What the path allows a web page to send.", "headers": headers.of([heard])}
    method = heard.headers["Access-Control-Allow-Methods"].partition(",")[0]
    return f"Preflight{method}", made


def preflight_operation(name: str, operation_id: str, path: list[Schema]) -> Schema:
    """The OPTIONS of a path whose response is called `name`."""
    return {
        "operationId": f"{operation_id}_preflight",
        "tags": [PREFLIGHT],
        "summary": "Preflight",
        "parameters": [
            *path,
            {
                "name": "Access-Control-Request-Headers",
                "in": "header",
                "description": "The headers that the call will have; all are allowed.",
                "schema": {"type": "string"},
            },
        ],
        "responses": {"204": {"$ref": f"#/components/responses/{name}"}},
        "security": [],
    }


def unknown(path: str, event: Event, profiles: Mapping[str, Profile]) -> Schema:
    """The operation of a route of the last resort."""
    root = "{proxy" not in path
    asked = {"nobody": ""} if root else _asked(profiles)
    heard = {
        name: response(unknown_path({**event, "pathParameters": None if root else {"proxy": word}}))
        for name, word in asked.items()
    }
    parameter = {
        "name": "proxy",
        "in": "path",
        "required": True,
        "description": "The rest of the path, slashes included.",
        "schema": {"type": "string"},
    }
    return {
        "operationId": "unknown_root" if root else "unknown_path",
        "tags": [UNKNOWN],
        "summary": "Unknown path",
        "parameters": [] if root else [parameter],
        "responses": {
            str(status): _not_known({name: one for name, one in heard.items() if one.status == status}, asked)
            for status in sorted({one.status for one in heard.values()})
        },
        "security": [],
    }


def _asked(profiles: Mapping[str, Profile]) -> dict[str, str]:
    """A path for each dialect, by the name of its example."""
    known = {name: path for one in profiles.values() for name, path in one.page.unknown_paths.items()}
    return known | {"nobody": "nothing"}


def _not_known(heard: Mapping[str, Response], asked: Mapping[str, str]) -> Schema:
    content: dict[str, Any] = {}
    for name, one in heard.items():
        text = one.media is not None and one.media.startswith("text/")
        schema = {"type": "string"} if text else {"type": "object"}
        place = content.setdefault(one.media or "", {"schema": schema, "examples": {}})
        place["examples"][name] = {"summary": f"/{asked[name]}", "value": one.value}
    return {"description": "No such path.", "headers": headers.of(heard.values()), "content": content}


_OWN_ERROR = "ApiGatewayError"


def own_error(responses: Mapping[str, Mapping[str, Any]]) -> dict[str, Schema]:
    """The schema of API Gateway's own errors, by its name."""
    members = _own_body(responses["DEFAULT_5XX"], "")
    return {_OWN_ERROR: record(_OWN_ERROR, dict.fromkeys(members, TEXT))}


def own_answers(responses: Mapping[str, Mapping[str, Any]]) -> dict[str, Schema]:
    """API Gateway's own errors, as the template words them."""
    return {
        "Throttled": _own(responses["THROTTLED"], "API Gateway throttled the call.", "Too Many Requests"),
        "ApiGateway": _own(
            responses["DEFAULT_5XX"],
            "An error of API Gateway itself: the request is too large, timed out, or Lambda failed. The body "
            "is the same for all systems.",
            "Endpoint request timed out",
        ),
    }


def _own(answer: Mapping[str, Any], about: str, message: str) -> Schema:
    (media,) = answer["ResponseTemplates"]
    return {
        "description": about,
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in answer["ResponseParameters"]["Headers"]
        },
        "content": {
            media: {
                "schema": {"$ref": f"#/components/schemas/{_OWN_ERROR}"},
                "example": _own_body(answer, message),
            }
        },
    }


def _own_body(answer: Mapping[str, Any], message: str) -> dict[str, Any]:
    (template,) = answer["ResponseTemplates"].values()
    body: dict[str, Any] = json.loads(template.replace(_MESSAGE, json.dumps(message)))
    return body
