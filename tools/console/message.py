"""A request or an answer as the console keeps and shows it: its body cut, its size known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

KEPT = 64 * 1024
"""Bytes of a body that are kept."""

type Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Message:
    """`start`: the request's or the answer's own fields. `size`: the whole body's, in bytes; `body` holds its
    first 64 KB. `kept`: false once newer events have needed the room: headers and body are gone then."""

    start: Mapping[str, Any]
    headers: Fields
    body: bytes
    size: int
    kept: bool = True

    @property
    def room(self) -> int:
        """Characters of the headers and bytes of the body, which are kept until newer events need them."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)

    @property
    def is_cut(self) -> bool:
        """Whether the body is not all there."""
        return len(self.body) < self.size

    @property
    def text(self) -> str | None:
        """The body, None where it is not UTF-8; a character that the cut has halved is left out."""
        body = self.body
        for _ in range(4 if self.is_cut else 1):
            try:
                return body.decode()
            except UnicodeDecodeError:
                body = body[:-1]
        return None

    def forgotten(self) -> Message:
        """The same, with less memory."""
        return replace(self, headers=(), body=b"", kept=False)

    def data(self) -> dict[str, Any]:
        """For JSON. A body that is not UTF-8 is empty there, and `binary`."""
        text = self.text
        return {
            **self.start,
            "headers": [list(field) for field in self.headers],
            "body": text or "",
            "size": self.size,
            "cut": self.is_cut,
            "kept": self.kept,
            "binary": text is None,
        }


def request(
    method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes, size: int | None = None
) -> Message:
    """A request; `size` where `body` is already cut."""
    start = {"method": method, "target": target}
    return _message(start, headers, body, size)


def response(
    status: int, reason: str, headers: Iterable[tuple[str, str]], body: bytes, size: int | None = None
) -> Message:
    """An answer; `size` where `body` is already cut."""
    return _message({"status": status, "reason": reason}, headers, body, size)


def fields(raw: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Header fields as text; HTTP has them in Latin-1."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _message(
    start: Mapping[str, Any], headers: Iterable[tuple[str, str]], body: bytes, size: int | None
) -> Message:
    whole = len(body) if size is None else size
    return Message(start=start, headers=tuple(headers), body=body[:KEPT], size=whole)
