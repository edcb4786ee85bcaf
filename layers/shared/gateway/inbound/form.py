"""Bodies that are forms: urlencoded and multipart, for the contracts that take them."""

import re
from urllib.parse import parse_qsl

from gateway.core.errors import Unreadable
from gateway.inbound.request import Request

MAX_FIELDS = 1_000
MAX_PART_HEAD = 1_024

# RFC 2046: a boundary is 1 to 70 of these characters.
_BOUNDARY = re.compile(
    r";\s*boundary=(?:\"([\w'()+,./:=? -]{1,70})\"|([\w'()+,./:=?-]{1,70}))", re.ASCII | re.I
)
_NAME = re.compile(rb";[ \t]*name=(?:\"([^\"\r\n]*)\"|([^\s\";]+))", re.IGNORECASE)


def is_multipart(request: Request) -> bool:
    """Whether the Content-Type says multipart/form-data."""
    return request.header("content-type").lower().startswith("multipart/form-data")


def urlencoded(body: bytes) -> list[tuple[str, str]]:
    """The pairs of an application/x-www-form-urlencoded body, in order. Raises Unreadable."""
    try:
        return parse_qsl(
            body.decode(),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Unreadable("invalid form") from None


def multipart(request: Request) -> list[tuple[str, str]]:
    """The text fields of a multipart/form-data body (RFC 7578), in order. Raises Unreadable.

    Read by hand, in one pass: the standard library's parser of mail is quadratic in a part's headers, and
    follows parts within parts as deep as a stranger likes.
    """
    found = _BOUNDARY.search(request.header("content-type"))
    if found is None:
        raise Unreadable("invalid form")
    mark = b"\r\n--" + (found[1] or found[2]).encode()
    _, *parts = (b"\r\n" + request.body).split(mark, MAX_FIELDS + 2)
    if not 2 <= len(parts) <= MAX_FIELDS + 1 or not parts[-1].startswith(b"--"):
        raise Unreadable("invalid form")
    return [_field(part) for part in parts[:-1]]


def _field(part: bytes) -> tuple[str, str]:
    head, empty_line, content = part.partition(b"\r\n\r\n")
    disposition = next(
        (line for line in head.split(b"\r\n") if line.lower().startswith(b"content-disposition:")), b""
    )
    name = _NAME.search(disposition)
    if not empty_line or len(head) > MAX_PART_HEAD or name is None:
        raise Unreadable("invalid form")
    try:
        return (name[1] if name[1] is not None else name[2]).decode(), content.decode()
    except UnicodeDecodeError:
        raise Unreadable("invalid form") from None
