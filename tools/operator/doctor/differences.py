"""What AWS and the local AWS are known to answer differently, each asked with a request that is refused.

`docs/local.md` has the same rows under the same names; a test holds the two together.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from tools.operator.doctor.visit import SAME, Visit
from tools.operator.doctor.wire import Answer, Headers

LARGE = 600 * 1024
"""Bytes: more than any system takes, less than API Gateway's limit."""

HUGE = 10 * 1024 * 1024 + 1024
"""Bytes: more than API Gateway takes."""

PASSING, REFUSED = 10_000, 11_000
"""Bytes of request line and header values, either side of API Gateway's 10,240."""

type Asked = Callable[[Visit], str]
"""Asks, and says what was seen: in the words of `aws` and `local` where it is one of those."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A row: what is seen on AWS, and in a local run.

    `reads` says that an answer tells only where the probe's body is read; `system` that it needs this one.
    """

    name: str
    about: str
    ask: Asked
    aws: str
    local: str
    do: str
    reads: bool = False
    system: str = ""


def _slash(visit: Visit) -> str:
    return visit.compared(visit.ask(path=f"{visit.probe.path}/"))


def _encoded_slash(visit: Visit) -> str:
    path, _, last = visit.probe.path.rpartition("/")
    return _another(visit, visit.ask(path=f"{path}%2f{last}"))


def _inner_slashes(visit: Visit) -> str:
    path, _, last = visit.probe.path.rpartition("/")
    return _another(visit, visit.ask(path=f"{path}//{last}"))


def _leading_slashes(visit: Visit) -> str:
    return _another(visit, visit.ask(path=f"/{visit.probe.path}"))


def _another(visit: Visit, answer: Answer) -> str:
    if answer.status == 404 and answer.from_function and visit.plain.status != 404:
        return "another path (404)"
    return visit.compared(answer)


def _unknown_path(visit: Visit) -> str:
    return _not_found(visit.ask(path="/trackgate-doctor"))


def _parent_path(visit: Visit) -> str:
    return _not_found(visit.ask(path=f"/{visit.probe.path.split('/')[1]}"))


def _not_found(answer: Answer) -> str:
    if answer.status == 404 and answer.from_function:
        return "404 of a function"
    return answer.told


def _wrong_method(visit: Visit) -> str:
    return _refused_method(visit, visit.ask(method="DELETE", body=b""))


def _head(visit: Visit) -> str:
    answer = visit.ask(method="HEAD", body=b"")
    return "405 with a body" if answer.body else _refused_method(visit, answer)


def _word(visit: Visit) -> str:
    answer = visit.ask(method="DELETE", path="/v1/login", body=b"")
    return "the word wins (405)" if answer.status == 405 else answer.told


def _refused_method(visit: Visit, answer: Answer) -> str:
    allowed = [name.strip() for name in answer.headers.get("allow", "").split(",")]
    if answer.status == 405 and visit.probe.method in allowed:
        return "405 with Allow"
    return answer.told


def _preflight(visit: Visit) -> str:
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


def _null_type(visit: Visit) -> str:
    return visit.preflight.headers.get("content-type", "none")


def _gzip_without_type(visit: Visit) -> str:
    answer = visit.ask(headers=[("Content-Encoding", "gzip")], body=gzip.compress(b"{}"))
    if answer.headers.get("gateway-error") == "invalid gzip":
        return "broken (400)"
    return visit.compared(answer)


def _header_case(visit: Visit) -> str:
    headers: Headers = [("cOnTeNt-EnCoDiNg", "gzip"), ("CONTENT-TYPE", "application/json")]
    return visit.compared(visit.ask(headers=headers, body=gzip.compress(b"{}")))


def _header_limit(visit: Visit) -> str:
    passing, refused = visit.ask(headers=visit.padding(PASSING)), visit.ask(headers=visit.padding(REFUSED))
    if visit.compared(passing) != SAME:
        return f"{PASSING:,} bytes: {passing.told}"
    if refused.from_function or refused.status < 400:
        return f"{REFUSED:,} bytes: {refused.told}"
    return f"refused over {PASSING:,} bytes"


def _large_body(visit: Visit) -> str:
    answer = visit.ask(body=b" " * LARGE + b"{}")
    return "413 of a function" if answer.status == 413 and answer.from_function else answer.told


def _own_answer(visit: Visit) -> str:
    answer = visit.ask(body=b" " * HUGE + b"{}")
    if answer.from_function or answer.status != 413:
        return answer.told
    if answer.headers.get("access-control-allow-origin") != "*":
        return "413 without Access-Control-Allow-Origin: *"
    shared = all(f'"{name}"'.encode() in answer.body for name in ("message", "error", "description"))
    return "413 in the body that all dialects share" if shared else answer.told


def _request_id(visit: Visit) -> str:
    names = ("x-amzn-requestid", "x-amz-apigw-id", "x-amz-request-id")
    return ", ".join(name for name in names if name in visit.plain.headers) or "none"


_CLIENTS = "clients that send it get another answer than the contracts say"

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        name="slash",
        about="a trailing slash",
        ask=_slash,
        aws=SAME,
        local=SAME,
        do="Syncano's and MyTracker's clients send it: give apps the API's own address, not that of a "
        "proxy that changes paths",
    ),
    Difference(
        name="encoded-slash",
        about="%2f instead of a path's last slash",
        ask=_encoded_slash,
        aws="another path (404)",
        local=SAME,
        do="a path value with a slash in it reaches another route: is there a proxy in front of the API that "
        "decodes paths?",
    ),
    Difference(
        name="inner-slashes",
        about="// inside a path",
        ask=_inner_slashes,
        aws="another path (404)",
        local="another path (404)",
        do="an app whose base URL ends in a slash may work here and nowhere else: leave that slash out",
    ),
    Difference(
        name="leading-slashes",
        about="// at the start of a path",
        ask=_leading_slashes,
        aws=SAME,
        local="another path (404)",
        do="leave out the slash that ends a client's base URL",
    ),
    Difference(
        name="unknown-path",
        about="an unknown path",
        ask=_unknown_path,
        aws="404 of a function",
        local="404 of a function",
        do="the route /{proxy+} is not deployed, or something in front of the API answers: deploy again, "
        "and compare with the output BaseUrl",
    ),
    Difference(
        name="parent-path",
        about="a path that only has others below it",
        ask=_parent_path,
        aws="404 of a function",
        local="404 of a function",
        do="API Gateway answers by itself: harmless, as the gateway response makes that a 404 too",
    ),
    Difference(
        name="word-before-variable",
        about="/v1/login beside /v1/{method}",
        ask=_word,
        aws="the word wins (405)",
        local="the word wins (405)",
        do="MyTracker's imports are relayed unread: deploy again",
        system="mytracker",
    ),
    Difference(
        name="wrong-method",
        about="a method that the route does not allow",
        ask=_wrong_method,
        aws="405 with Allow",
        local="405 with Allow",
        do="the route does not take ANY: deploy again",
    ),
    Difference(
        name="head",
        about="HEAD",
        ask=_head,
        aws="405 with Allow",
        local="405 with Allow",
        do="the route does not take ANY: deploy again",
    ),
    Difference(
        name="preflight",
        about="a browser's preflight",
        ask=_preflight,
        aws="204 with the rules",
        local="204 with the rules",
        do="browsers cannot call the API: compare CorsOrigins with the origin of your pages",
    ),
    Difference(
        name="null-type",
        about="an answer without a content type",
        ask=_null_type,
        aws="none",
        local="none",
        do="push.express's empty 202 has that type too, which its SDKs do not look at; say so in an issue of "
        "the project",
    ),
    Difference(
        name="gzip-without-type",
        about="a gzip body without a Content-Type",
        ask=_gzip_without_type,
        aws=SAME,
        local="broken (400)",
        do="bodies do not arrive as bytes: binaryMediaTypes of the API must be */*; deploy again",
        reads=True,
    ),
    Difference(
        name="header-case",
        about="header names in any case",
        ask=_header_case,
        aws=SAME,
        local=SAME,
        do=f"something in front of the API drops headers by their spelling: {_CLIENTS}",
        reads=True,
    ),
    Difference(
        name="header-limit",
        about="request line and header values",
        ask=_header_limit,
        aws="refused over 10,000 bytes",
        local="refused over 10,000 bytes",
        do="API Gateway's limit of 10,240 bytes has changed, or something in front of the API has its own",
    ),
    Difference(
        name="large-body",
        about="a body of 600 KiB",
        ask=_large_body,
        aws="413 of a function",
        local="413 of a function",
        do="something in front of the API has a lower limit: the contracts allow 512 KiB",
        reads=True,
    ),
    Difference(
        name="own-answers",
        about="a body over 10 MB, refused before any function",
        ask=_own_answer,
        aws="413 in the body that all dialects share",
        local="413 in the body that all dialects share",
        do="the API's gateway responses are not deployed, or something in front of it answers: deploy again",
    ),
    Difference(
        name="request-id",
        about="request ids in the answer",
        ask=_request_id,
        aws="x-amzn-requestid, x-amz-apigw-id",
        local="x-amzn-requestid, x-amz-request-id",
        do="something in front of the API removes them: AWS's support asks for them",
    ),
)
