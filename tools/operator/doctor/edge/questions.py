"""The questions behind the table of differences: each tests one thing, and returns what was seen."""

from __future__ import annotations

import gzip

from tools.operator.doctor.api_client import Answer, Headers
from tools.operator.doctor.edge.probe import SAME, ProbedEndpoint
from tools.systems.registry import profile

LARGE = 600 * 1024
"""Bytes: more than any system takes, less than API Gateway's limit."""

HUGE = 10 * 1024 * 1024 + 1024
"""Bytes: more than API Gateway takes."""

PASSING, REFUSED = 10_000, 11_000
"""Bytes of request line and header values, either side of API Gateway's 10,240."""


class NotApplicable(Exception):
    """Nothing in this stack can be asked; the text says why."""


def slash(endpoint: ProbedEndpoint) -> str:
    """With a trailing slash."""
    return endpoint.compared(endpoint.ask(path=f"{endpoint.probe.path}/"))


def encoded_slash(endpoint: ProbedEndpoint) -> str:
    """With `%2f` for the last slash."""
    path, _, last = endpoint.probe.path.rpartition("/")
    return _another(endpoint, endpoint.ask(path=f"{path}%2f{last}"))


def inner_slashes(endpoint: ProbedEndpoint) -> str:
    """With the last slash doubled."""
    path, _, last = endpoint.probe.path.rpartition("/")
    return _another(endpoint, endpoint.ask(path=f"{path}//{last}"))


def leading_slashes(endpoint: ProbedEndpoint) -> str:
    """With the first slash doubled."""
    return _another(endpoint, endpoint.ask(path=f"/{endpoint.probe.path}"))


def _another(endpoint: ProbedEndpoint, answer: Answer) -> str:
    if answer.status == 404 and answer.from_function and endpoint.plain.status != 404:
        return "another path (404)"
    return endpoint.compared(answer)


def unknown_path(endpoint: ProbedEndpoint) -> str:
    """A path that no route has."""
    return _not_found(endpoint.ask(path="/trackgate-doctor"))


def parent_path(endpoint: ProbedEndpoint) -> str:
    """The first segment of the path alone."""
    return _not_found(endpoint.ask(path=f"/{endpoint.probe.path.split('/')[1]}"))


def _not_found(answer: Answer) -> str:
    if answer.status == 404 and answer.from_function:
        return "404 of a function"
    return answer.summary


def wrong_method(endpoint: ProbedEndpoint) -> str:
    """DELETE."""
    return _refused_method(endpoint, endpoint.ask(method="DELETE", body=b""))


def head(endpoint: ProbedEndpoint) -> str:
    """HEAD."""
    answer = endpoint.ask(method="HEAD", body=b"")
    return "405 with a body" if answer.body else _refused_method(endpoint, answer)


def word(endpoint: ProbedEndpoint) -> str:
    """DELETE of a path that a word and a variable match. Raises NotApplicable."""
    paths = [profile(system).path_beside_variable for system in endpoint.deployment.stack.systems]
    if not any(paths):
        raise NotApplicable("no system that is on has such a path")
    path = next(filter(None, paths))
    answer = endpoint.ask(method="DELETE", path=path, body=b"")
    return "the word wins (405)" if answer.status == 405 else answer.summary


def _refused_method(endpoint: ProbedEndpoint, answer: Answer) -> str:
    allowed = [name.strip() for name in answer.headers.get("allow", "").split(",")]
    if answer.status == 405 and endpoint.probe.method in allowed:
        return "405 with Allow"
    return answer.summary


def preflight(endpoint: ProbedEndpoint) -> str:
    """What a browser asks before a POST from another origin."""
    answer = endpoint.preflight
    found = answer.headers
    wrong = [
        name
        for name, good in (
            ("Allow-Origin", found.get("access-control-allow-origin") in ("*", endpoint.origin)),
            ("Allow-Methods", endpoint.probe.method in found.get("access-control-allow-methods", "")),
            ("Allow-Headers", found.get("access-control-allow-headers") == endpoint.asked_header),
            ("Max-Age", found.get("access-control-max-age") == "86400"),
        )
        if not good
    ]
    if answer.status != 204 or wrong:
        return f"{answer.summary}, wrong: {', '.join(wrong) or 'status'}"
    return "204 with the rules"


def null_type(endpoint: ProbedEndpoint) -> str:
    """The content type of an answer that has none."""
    return endpoint.preflight.headers.get("content-type", "none")


def gzip_without_type(endpoint: ProbedEndpoint) -> str:
    """A gzip body, and no Content-Type."""
    answer = endpoint.ask(headers=[("Content-Encoding", "gzip")], body=gzip.compress(b"{}"))
    if answer.headers.get("gateway-error") == "invalid gzip":
        return "broken (400)"
    return endpoint.compared(answer)


def header_case(endpoint: ProbedEndpoint) -> str:
    """A gzip body that an oddly spelled header announces."""
    headers: Headers = [("cOnTeNt-EnCoDiNg", "gzip"), ("CONTENT-TYPE", "application/json")]
    return endpoint.compared(endpoint.ask(headers=headers, body=gzip.compress(b"{}")))


def header_limit(endpoint: ProbedEndpoint) -> str:
    """Headers on either side of the limit."""
    passing, refused = (
        endpoint.ask(headers=endpoint.padding(PASSING)),
        endpoint.ask(headers=endpoint.padding(REFUSED)),
    )
    if endpoint.compared(passing) != SAME:
        return f"{PASSING:,} bytes: {passing.summary}"
    if refused.from_function or refused.status < 400:
        return f"{REFUSED:,} bytes: {refused.summary}"
    return f"refused over {PASSING:,} bytes"


def large_body(endpoint: ProbedEndpoint) -> str:
    """A body over the contracts' caps."""
    answer = endpoint.ask(body=b" " * LARGE + b"{}")
    return "413 of a function" if answer.status == 413 and answer.from_function else answer.summary


def own_answer(endpoint: ProbedEndpoint) -> str:
    """A body over API Gateway's limit."""
    answer = endpoint.ask(body=b" " * HUGE + b"{}")
    if answer.from_function or answer.status != 413:
        return answer.summary
    if answer.headers.get("access-control-allow-origin") != "*":
        return "413 without Access-Control-Allow-Origin: *"
    shared = all(f'"{name}"'.encode() in answer.body for name in ("message", "error", "description"))
    return "413 in the body that all dialects share" if shared else answer.summary


def request_id(endpoint: ProbedEndpoint) -> str:
    """The headers that name the request."""
    names = ("x-amzn-requestid", "x-amz-apigw-id", "x-amz-request-id")
    return ", ".join(name for name in names if name in endpoint.plain.headers) or "none"
