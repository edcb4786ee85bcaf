"""The same requests as events of AWS's own form, in one process: what the local AWS decodes, joins, drops or
refuses reaches the functions here, and the sandbox's vendors judge what comes out."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from gateway.core.reply import Reply
from gateway.outbound.http_client import HttpClient
from gateway.outbound.http_upstream import HttpUpstream
from gateway.outbound.secrets import SystemSecret
from gateway.system import System
from tests.imported import imported, replaced
from tests.profiles import CLIENT_KEY, profiles
from tests.proofs.fuzz import dialects
from tests.proofs.fuzz.http1 import Request, Response
from tests.proofs.fuzz.samples import Sample, samples
from tests.table import carried_out
from tools.sandbox.client import Entry
from tools.systems.registry import vendors
from tools.systems.vendor import Request as VendorRequest
from tools.systems.vendor import Vendor


@dataclass
class OnAws:
    """The functions with their vendors beside them; `items` are those of the idempotency table."""

    handlers: Mapping[str, Any]
    vendors: Mapping[str, Vendor] = field(default_factory=vendors)
    entries: list[Entry] = field(default_factory=list)
    items: dict[str, Any] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        """What API Gateway would answer: the function's own response, as it is sent."""
        sample, values = _routed(request)
        answer = self.handlers[sample.endpoint](event(request, sample, values))
        body = answer["body"].encode("utf-8", "surrogatepass")
        headers = {
            name.lower(): [str(value)] for name, value in answer["headers"].items() if value is not None
        }
        body = base64.b64decode(body) if answer["isBase64Encoded"] else body
        headers["content-length"] = [str(len(body))]
        status: int = answer["statusCode"]
        return Response(status=status, headers=headers, body=b"" if request.method == b"HEAD" else body)

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, **_: Any) -> Reply:
        """In the place of HttpClient.send."""
        if (action := headers.get("X-Amz-Target")) == "AmazonSQS.SendMessageBatch":
            taken = [{"Id": entry["Id"]} for entry in json.loads(body)["Entries"]]
            return Reply(status=200, body=json.dumps({"Successful": taken}).encode())
        if action:
            status, said = carried_out(self.items, action.rpartition(".")[2], json.loads(body))
            return Reply(status=status, body=json.dumps(said).encode())
        for name, value in headers.items():
            assert re.fullmatch(r"[!-~]+", name)
            assert re.fullmatch(r"[ -~]*", value), f"{name} is no header value: {value!r}"
        target = url.removeprefix("http://127.0.0.1:9")
        assert target != url
        assert re.fullmatch(r"[!-~]+", target), f"not a request's target: {target!r}"
        parts = urlsplit(url)
        system = parts.path.split("/")[1]
        path = parts.path.removeprefix(f"/{system}")
        fields = tuple(headers.items())
        received = VendorRequest(method=method, path=path, query=parts.query, headers=fields, body=body)
        answered = self.vendors[system].answer(received)
        self.entries.append(
            Entry(
                number=len(self.entries) + 1,
                at=0,
                system=system,
                method=method,
                target=target,
                path=path,
                query=parts.query,
                headers=fields,
                content=body,
                status=answered.status,
                verdict=answered.verdict,
                fault=None,
            )
        )
        found = {name.lower(): value for name, value in answered.headers}
        return Reply(status=answered.status, headers=found, body=answered.body)


@contextmanager
def on_aws(folder: Path, variant: str = "") -> Iterator[OnAws]:
    """Every endpoint with the credentials, the client key and the settings of a local run.

    `variant`: that of the systems which have it.
    """
    stores = {
        name: profile.store(f"sqlite:///{folder}/{name}.db")
        for name, profile in profiles().items()
        if profile.store
    }
    api = OnAws({one.endpoint: _handler(one, variant, stores) for one in samples()})
    aws = {"AWS_ACCESS_KEY_ID": "an-access-key", "AWS_SECRET_ACCESS_KEY": "its-secret"}
    try:
        with (
            patch.object(HttpClient, "send", lambda _, *given, **named: api.send(*given, **named)),
            patch.dict(os.environ, aws),
        ):
            yield api
    finally:
        for store in stores.values():
            if store._store is not None:
                store._store.close()


def _handler(sample: Sample, variant: str, stores: Mapping[str, Any]) -> Any:
    """An endpoint that no other test meets."""
    if sample.system not in profiles():
        return importlib.import_module(sample.endpoint).handler
    variants = profiles()[sample.system].variants
    if variant in variants:
        handler = copy(imported(sample.endpoint, variants[variant].settings))
    else:
        handler = copy(importlib.import_module(sample.endpoint).handler)
    system = handler.system
    secret = _secret(system)
    upstream: Any = stores.get(system.name)
    if isinstance(system.upstream, HttpUpstream):
        upstream = replaced(system.upstream, secret=secret, records="records")
    client_keys = "required" if profiles()[system.name].client_keys == "default" else "off"
    changed = system.settings.model_copy(
        update={"client_keys": client_keys, "queue": "queue", "delivery": "direct"}
    )
    handler.system = replace(system, settings=changed, secret=secret, upstream=upstream)
    return handler


def _secret(system: System) -> SystemSecret:
    # With a clock that stands still, what was read once is always fresh.
    secret = SystemSecret("", system.account, clock=lambda: 0.0)
    key = {"id": "local", "sha256": hashlib.sha256(CLIENT_KEY.encode()).hexdigest(), "allows": ["*"]}
    secret._document = {"credentials": {"*": f"local-{system.name}-credential"}, "client_keys": [key]}
    secret._read_at = secret._tried_at = 0.0
    return secret


def _routed(request: Request) -> tuple[Sample, dict[str, str]]:
    """The route that REST API takes, and its values: still percent-encoded, encoded slashes inside."""
    path = request.target.decode("latin-1").partition("?")[0]
    for sample, names, pattern in () if path.rstrip("/") in dialects.trunks() else _patterns():
        if found := pattern.fullmatch(path):
            return sample, dict(zip(names, found.groups(), strict=True))
    rest = next(one for one in samples() if one.route == "/{proxy+}")
    return rest, {"proxy": path.removeprefix("/")}


@cache
def _patterns() -> tuple[tuple[Sample, list[str], re.Pattern[str]], ...]:
    """The routes with the names of their values and what their paths match, those with most words first."""
    found = []
    for sample in sorted(samples(), key=lambda one: one.route.count("{")):
        if "{proxy+}" not in sample.route:
            names, parts = re.findall(r"\{(\w+)\}", sample.route), re.split(r"\{\w+\}", sample.route)
            pattern = re.compile("([^/]+)".join(map(re.escape, parts)) + "/?", re.DOTALL)
            found.append((sample, names, pattern))
    return tuple(found)


def event(request: Request, sample: Sample, values: Mapping[str, str]) -> dict[str, Any]:
    """The Lambda proxy event (REST API, payload 1.0): headers as the client spelled them, all values of each,
    the query decoded, the body in base64 whatever its type is."""
    target = request.target.decode("latin-1")
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    many: dict[str, list[str]] = {}
    for name_text, text in pairs:
        many.setdefault(name_text, []).append(text)
    return {
        "resource": sample.route,
        "path": path,
        "httpMethod": request.method.decode("latin-1").upper(),
        "headers": {name: found[-1] for name, found in headers.items()} or None,
        "multiValueHeaders": headers or None,
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": many or None,
        "pathParameters": dict(values) or None,
        "stageVariables": None,
        "requestContext": {"identity": {"sourceIp": "192.0.2.7"}, "resourcePath": sample.route},
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),
    }
