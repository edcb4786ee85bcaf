"""Bodies that are forms: urlencoded and multipart, for the contracts that take them."""

import re
from urllib.parse import parse_qsl

from gateway.core.errors import Unreadable
from gateway.inbound.request import Request

MAX_FIELDS = 1_000

MAX_PART_HEADERS = 8
MAX_PART_HEADER = 1_024
"""Bytes of one header line of a part."""

# RFC 2046: a boundary is 1 to 70 of these characters. Clients also send those unquoted that need quotes.
_BOUNDARY = re.compile(
    r";\s*boundary=(?:\"([\w'()+,./:=? -]{1,70})\"|([\w'()+,./:=?-]{1,70}))", re.ASCII | re.I
)


def is_multipart(request: Request) -> bool:
    """Whether the Content-Type says multipart/form-data."""
    return request.header("content-type").lower().startswith("multipart/form-data")


def urlencoded_fields(body: bytes) -> list[tuple[str, str]]:
    """The fields of an application/x-www-form-urlencoded body, in order. Raises Unreadable."""
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


def multipart_fields(request: Request) -> list[tuple[str, str]]:
    """The fields of a multipart/form-data body (RFC 7578), in order. Raises Unreadable.

    Every part counts as a text field in UTF-8, whatever type or file name it gives itself.
    """
    # Imported here, because few requests are such forms and every cold start would pay for it.
    from multipart import MultipartError, MultipartSegment, PushMultipartParser

    found = _BOUNDARY.search(request.header("content-type"))
    if found is None:
        raise Unreadable("invalid form")
    fields: list[tuple[str, bytes]] = []
    try:
        with PushMultipartParser(
            found[1] or found[2],
            max_header_size=MAX_PART_HEADER,
            max_header_count=MAX_PART_HEADERS,
            max_segment_count=MAX_FIELDS,
            strict=True,
        ) as parser:
            for event in parser.parse(request.body):
                if isinstance(event, MultipartSegment):
                    fields.append((event.name or "", b""))
                elif event:  # the whole content of the part, as the body is parsed in one chunk
                    fields[-1] = (fields[-1][0], bytes(event))
        if not fields:
            raise Unreadable("invalid form")
        return [(name, content.decode()) for name, content in fields]
    except (MultipartError, UnicodeDecodeError):
        raise Unreadable("invalid form") from None
