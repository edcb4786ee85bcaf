"""Requests that schemathesis makes of docs/openapi.json: what it allows, and what it forbids."""

from __future__ import annotations

from functools import cache
from typing import Any

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from tests.proofs.fuzz.http1 import Lines, Request
from tests.proofs.fuzz.samples import Sample, samples
from tools.openapi.__main__ import DOCUMENT

_OF_THE_TOOL = {b"user-agent", b"connection", b"x-schemathesis-testcaseid", b"content-length", b"host"}


@cache
def operations() -> tuple[Any, ...]:
    """Every operation of the document."""
    schema = schemathesis.openapi.from_path(str(DOCUMENT))
    return tuple(result.ok() for result in schema.get_all_operations() if isinstance(result, Ok))


def strategy(number: int, mode: str) -> st.SearchStrategy[Request]:
    """The requests of one operation; `mode`: `positive` or `negative`."""
    operation = operations()[number]
    sample = next((one for one in samples() if one.route == operation.path), None)
    cases: st.SearchStrategy[Any] = operation.as_strategy(generation_mode=GenerationMode(mode))
    return st.builds(_request, cases, st.just(sample), st.just(mode), st.integers(0, 9))


def _request(case: Any, sample: Sample | None, mode: str, luck: int) -> Request:
    given = case.as_transport_kwargs(base_url="http://127.0.0.1")
    made = requests.Request(
        **{
            name: given.get(name)
            for name in ("method", "url", "headers", "params", "cookies", "json", "data", "files")
        }
    )
    prepared = made.prepare()
    body = prepared.body or b""
    headers: Lines = tuple(
        (
            name.encode("latin-1", "replace"),
            value if isinstance(value, bytes) else str(value).encode("latin-1", "replace"),
        )
        for name, value in prepared.headers.items()
        if name.lower().encode() not in _OF_THE_TOOL
    )
    # Generated keys are never good ones: nine times in ten the good one stands in their place.
    if sample is not None and sample.key_headers and luck:
        own = {name.lower() for name, _ in sample.key_headers}
        headers = tuple(line for line in headers if line[0].lower() not in own) + sample.key_headers
    return Request(
        route=case.operation.path,
        kind=f"document, {mode}",
        method=(prepared.method or "POST").encode(),
        target=prepared.path_url.encode("latin-1"),
        headers=headers,
        body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body),
    )
