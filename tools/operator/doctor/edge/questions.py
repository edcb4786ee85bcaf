"""The questions behind the table of differences: each asks one thing, and says what was seen."""

from __future__ import annotations

import gzip

from tools.operator.doctor.api_client import Answer, Headers
from tools.operator.doctor.edge.probe import SAME, Visit
from tools.systems.registry import profile

LARGE = 600 * 1024
"""Bytes: more than any system takes, less than API Gateway's limit."""

HUGE = 10 * 1024 * 1024 + 1024
"""Bytes: more than API Gateway takes."""

PASSING, REFUSED = 10_000, 11_000
"""Bytes of request line and header values, either side of API Gateway's 10,240."""


class Unasked(Exception):
    """Nothing in this stack can be asked; the text says why."""


def slash(visit: Visit) -> str:
    """With a trailing slash."""
    return visit.compared(visit.ask(path=f"{visit.probe.path}/"))


def encoded_slash(visit: Visit) -> str:
    """With `%2f` for the last slash."""
    path, _, last = visit.probe.path.rpartition("/")
    return _another(visit, visit.ask(path=f"{path}%2f{last}"))


def inner_slashes(visit: Visit) -> str:
    """With the last slash doubled."""
    path, _, last = visit.probe.path.rpartition("/")
    return _another(visit, visit.ask(path=f"{path}//{last}"))


def leading_slashes(visit: Visit) -> str:
    """With the first slash doubled."""
    return _another(visit, visit.ask(path=f"/{visit.probe.path}"))


def _another(visit: Visit, answer: Answer) -> str:
    if answer.status == 404 and answer.from_function and visit.plain.status != 404:
        return "another path (404)"
    return visit.compared(answer)


def unknown_path(visit: Visit) -> str:
    """A path that no route has."""
    return _not_found(visit.ask(path="/trackgate-doctor"))


def parent_path(visit: Visit) -> str:
    """The first segment of the path alone."""
    return _not_found(visit.ask(path=f"/{visit.probe.path.split('/')[1]}"))


def _not_found(answer: Answer) -> str:
    if answer.status == 404 and answer.from_function:
        return "404 of a function"
    return answer.told


def wrong_method(visit: Visit) -> str:
    """DELETE."""
    return _refused_method(visit, visit.ask(method="DELETE", body=b""))


def head(visit: Visit) -> str:
    """HEAD."""
    answer = visit.ask(method="HEAD", body=b"")
    return "405 with a body" if answer.body else _refused_method(visit, answer)


def word(visit: Visit) -> str:
    """DELETE of a path that a word and a variable match. Raises Unasked."""
    paths = [profile(system).path_beside_variable for system in visit.deployment.stack.systems]
    if not any(paths):
        raise Unasked("no system that is on has such a path")
    path = next(filter(None, paths))
    answer = visit.ask(method="DELETE", path=path, body=b"")
    return "the word wins (405)" if answer.status == 405 else answer.told


def _refused_method(visit: Visit, answer: Answer) -> str:
    allowed = [name.strip() for name in answer.headers.get("allow", "").split(",")]
    if answer.status == 405 and visit.probe.method in allowed:
        return "405 with Allow"
    return answer.told


def preflight(visit: Visit) -> str:
    """What a browser asks before a POST from another origin."""
    answer = visit.preflight
    found = answer.headers
    wrong = [
        name
        for name, good in (
            ("Allow-Origin", found.get("access-control-allow-origin") in ("*", visit.origin)),
            ("Allow-Methods", visit.probe.method in found.get("access-control-allow-methods", "")),
            ("Allow-Headers", found.get("access-control-allow-headers") == visit.asked_header),
            ("Max-Age", found.get("access-control-max-age") == "86400"),
        )
        if not good
    ]
    if answer.status != 204 or wrong:
        return f"{answer.told}, wrong: {', '.join(wrong) or 'status'}"
    return "204 with the rules"


def null_type(visit: Visit) -> str:
    """The content type of an answer that has none."""
    return visit.preflight.headers.get("content-type", "none")


def gzip_without_type(visit: Visit) -> str:
    """A gzip body, and no Content-Type."""
    answer = visit.ask(headers=[("Content-Encoding", "gzip")], body=gzip.compress(b"{}"))
    if answer.headers.get("gateway-error") == "invalid gzip":
        return "broken (400)"
    return visit.compared(answer)


def header_case(visit: Visit) -> str:
    """A gzip body that an oddly spelled header announces."""
    headers: Headers = [("cOnTeNt-EnCoDiNg", "gzip"), ("CONTENT-TYPE", "application/json")]
    return visit.compared(visit.ask(headers=headers, body=gzip.compress(b"{}")))


def header_limit(visit: Visit) -> str:
    """Headers on either side of the limit."""
    passing, refused = visit.ask(headers=visit.padding(PASSING)), visit.ask(headers=visit.padding(REFUSED))
    if visit.compared(passing) != SAME:
        return f"{PASSING:,} bytes: {passing.told}"
    if refused.from_function or refused.status < 400:
        return f"{REFUSED:,} bytes: {refused.told}"
    return f"refused over {PASSING:,} bytes"


def large_body(visit: Visit) -> str:
    """A body over the contracts' caps."""
    answer = visit.ask(body=b" " * LARGE + b"{}")
    return "413 of a function" if answer.status == 413 and answer.from_function else answer.told


def own_answer(visit: Visit) -> str:
    """A body over API Gateway's limit."""
    answer = visit.ask(body=b" " * HUGE + b"{}")
    if answer.from_function or answer.status != 413:
        return answer.told
    if answer.headers.get("access-control-allow-origin") != "*":
        return "413 without Access-Control-Allow-Origin: *"
    shared = all(f'"{name}"'.encode() in answer.body for name in ("message", "error", "description"))
    return "413 in the body that all dialects share" if shared else answer.told


def request_id(visit: Visit) -> str:
    """The headers that name the request."""
    names = ("x-amzn-requestid", "x-amz-apigw-id", "x-amz-request-id")
    return ", ".join(name for name in names if name in visit.plain.headers) or "none"
