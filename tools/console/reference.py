"""The API reference at `/docs`: docs/openapi.json as it is true of this run, shown by Scalar's reference."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from tools.console.guard import PROTECTION
from tools.console.json_answer import JsonAnswer
from tools.places import ROOT
from tools.systems.page import ClientKeys, Schema
from tools.systems.registry import profiles

DOCUMENT = ROOT / "docs" / "openapi.json"
PAGE = Path(__file__).parent / "static" / "reference" / "index.html"

_POLICY = b"content-security-policy"
POLICY = f"{PROTECTION[_POLICY].decode()}; style-src 'self' 'unsafe-inline'"
"""Scalar writes its style sheet, and the styles of many elements, into the page: without this the reference
is unformatted. Scripts stay the console's own files, and the page shows no event."""

_NOT_IN_A_PAGE = "#/components/parameters/ContentEncoding"
"""A page's body is never compressed; offered, the header is sent and spoils the call."""

_KEY = "x-scalar-secret-token"
"""Where Scalar looks for what it fills in for a security scheme."""


def routes(api: str, placeholder: str) -> list[Route]:
    """The page and its document. `api`: the API's address; `placeholder` stands for the local client key."""
    document = described(json.loads(DOCUMENT.read_text()), api, placeholder)

    async def page(request: Request) -> Response:
        del request
        return FileResponse(PAGE, media_type="text/html", headers={"Content-Security-Policy": POLICY})

    async def openapi(request: Request) -> Response:
        del request
        return JsonAnswer(document)

    return [Route("/docs", page), Route("/openapi.json", openapi)]


def described(written: Schema, api: str, placeholder: str) -> Schema:
    """The document with this run as its only server, and with the placeholder as the client key of each
    security scheme, in the form that the system's clients send it."""
    document = copy.deepcopy(written)
    document["servers"] = [{"url": api, "description": "This local run"}]
    for operation in _operations(document):
        operation["parameters"] = [
            one for one in operation.get("parameters", []) if one.get("$ref") != _NOT_IN_A_PAGE
        ]
    for parameter in document["components"]["parameters"].values():
        # What has an example is sent: the second call would only repeat the first.
        parameter.pop("example", None)
    schemes = document["components"]["securitySchemes"]
    for profile in profiles().values():
        if profile.page.keys is not None:
            for name, scheme in profile.page.keys.schemes.items():
                key = _filled_in(profile.page.keys, scheme, placeholder)
                schemes[name] = {**schemes.get(name, scheme), _KEY: key}
    return document


def _operations(document: Schema) -> list[dict[str, Any]]:
    return [
        operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    ]


def _filled_in(keys: ClientKeys, scheme: Mapping[str, Any], placeholder: str) -> str:
    """The key as this header carries it: `Auth-Token $CLIENT_KEY`, or the placeholder alone."""
    if scheme.get("in") != "header":
        return placeholder
    named = {name.lower(): value for name, value in keys.headers(placeholder).items()}
    return named.get(scheme["name"].lower(), placeholder)
