"""Bodies that are forms: urlencoded and multipart, for the contracts that take them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import HTTP
from urllib.parse import parse_qsl

from gateway.errors import Unreadable
from gateway.request import Request

MAX_FIELDS = 1_000


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
    """The text fields of a multipart/form-data body, in order. Raises Unreadable."""
    head = f"Content-Type: {request.header('content-type')}\r\n\r\n".encode()
    message = message_from_bytes(head + request.body, _class=EmailMessage, policy=HTTP)
    if not message.is_multipart() or message.defects:
        raise Unreadable("invalid form")
    pairs = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise Unreadable("invalid form")
        try:
            pairs.append((name, content.decode()))
        except UnicodeDecodeError:
            raise Unreadable("invalid form") from None
    return pairs
