"""Known differences between AWS and the local AWS, each tested with a request that is refused.

`docs/local.md` has the same rows under the same names; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.operator.doctor.edge import questions
from tools.operator.doctor.edge.probe import SAME, ProbedEndpoint

type Asked = Callable[[ProbedEndpoint], str]
"""Sends a request, and returns what was seen: in the words of `aws` or `local` if it is one of those."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A row: what is seen on AWS, and in a local run.

    `reads`: the response is only meaningful if the probe's body is read.
    """

    name: str
    about: str
    ask: Asked
    aws: str
    local: str
    do: str
    reads: bool = False


_CLIENTS = "clients that send it get another response than the contracts document"

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        name="slash",
        about="a trailing slash",
        ask=questions.slash,
        aws=SAME,
        local=SAME,
        do="some systems' clients send it: give apps the API's own address, not that of a "
        "proxy that changes paths",
    ),
    Difference(
        name="encoded-slash",
        about="%2f instead of a path's last slash",
        ask=questions.encoded_slash,
        aws="another path (404)",
        local=SAME,
        do="a path value with a slash in it reaches another route: is there a proxy in front of the API that "
        "decodes paths?",
    ),
    Difference(
        name="inner-slashes",
        about="// inside a path",
        ask=questions.inner_slashes,
        aws="another path (404)",
        local="another path (404)",
        do="an app whose base URL ends in a slash may work here and nowhere else: leave that slash out",
    ),
    Difference(
        name="leading-slashes",
        about="// at the start of a path",
        ask=questions.leading_slashes,
        aws=SAME,
        local="another path (404)",
        do="leave out the slash that ends a client's base URL",
    ),
    Difference(
        name="unknown-path",
        about="an unknown path",
        ask=questions.unknown_path,
        aws="404 of a function",
        local="404 of a function",
        do="the route /{proxy+} is not deployed, or something in front of the API answers: deploy again, "
        "and compare with the output BaseUrl",
    ),
    Difference(
        name="parent-path",
        about="a path that only has others below it",
        ask=questions.parent_path,
        aws="404 of a function",
        local="404 of a function",
        do="API Gateway answers by itself: harmless, as the gateway response makes that a 404 too",
    ),
    Difference(
        name="word-before-variable",
        about="a fixed path beside one with a variable",
        ask=questions.word,
        aws="the word wins (405)",
        local="the word wins (405)",
        do="what an endpoint must check is relayed unread: deploy again",
    ),
    Difference(
        name="wrong-method",
        about="a method that the route does not allow",
        ask=questions.wrong_method,
        aws="405 with Allow",
        local="405 with Allow",
        do="the route does not take ANY: deploy again",
    ),
    Difference(
        name="head",
        about="HEAD",
        ask=questions.head,
        aws="405 with Allow",
        local="405 with Allow",
        do="the route does not take ANY: deploy again",
    ),
    Difference(
        name="preflight",
        about="a browser's preflight",
        ask=questions.preflight,
        aws="204 with the rules",
        local="204 with the rules",
        do="browsers cannot call the API: compare CorsOrigins with the origin of your pages",
    ),
    Difference(
        name="null-type",
        about="an answer without a content type",
        ask=questions.null_type,
        aws="none",
        local="none",
        do="answers without a body have that type too: please report it in an issue",
    ),
    Difference(
        name="gzip-without-type",
        about="a gzip body without a Content-Type",
        ask=questions.gzip_without_type,
        aws=SAME,
        local="broken (400)",
        do="bodies do not arrive as bytes: binaryMediaTypes of the API must be */*; deploy again",
        reads=True,
    ),
    Difference(
        name="header-case",
        about="header names in any case",
        ask=questions.header_case,
        aws=SAME,
        local=SAME,
        do=f"something in front of the API drops headers by their spelling: {_CLIENTS}",
        reads=True,
    ),
    Difference(
        name="header-limit",
        about="request line and header values",
        ask=questions.header_limit,
        aws="refused over 10,000 bytes",
        local="refused over 10,000 bytes",
        do="API Gateway's limit of 10,240 bytes has changed, or something in front of the API has its own",
    ),
    Difference(
        name="large-body",
        about="a body of 600 KiB",
        ask=questions.large_body,
        aws="413 of a function",
        local="413 of a function",
        do="something in front of the API has a lower limit: the contracts allow 512 KiB",
        reads=True,
    ),
    Difference(
        name="own-answers",
        about="a body over 10 MB, refused before any function",
        ask=questions.own_answer,
        aws="413 in the body that all dialects share",
        local="413 in the body that all dialects share",
        do="the API's gateway responses are not deployed, or something in front of it answers: deploy again",
    ),
    Difference(
        name="request-id",
        about="request ids in the answer",
        ask=questions.request_id,
        aws="x-amzn-requestid, x-amz-apigw-id",
        local="x-amzn-requestid, x-amz-request-id",
        do="something in front of the API removes them: AWS's support asks for them",
    ),
)
