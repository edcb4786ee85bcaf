"""The one strict JSON reader and writer: digits in are digits out.

pydantic's own parser accepts duplicate keys and NaN, turns 1e400 into infinity and sends Decimals through a
float, so it never sees bytes here: `read` does the parsing and models validate its values.
"""

import gzip
import io
import json
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn, Self

import simplejson

MAX_DEPTH = 32
MAX_DIGITS = 1_000
MAX_EXPONENT = 1_000

_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SPACE = re.compile(r"[ \t\n\r]*")
_EXPONENT = re.compile(r"[eE]")


class Number(Decimal):
    """A JSON number with a fraction or an exponent that remembers how it was written: `1e2` stays `1e2`."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """The number that stands in `text`."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        """As it was written; the writer asks for this."""
        return self.text


class Malformed(ValueError):
    """Bytes that are not the JSON (or gzip) that every party would read alike. The text says why, in words
    that are fit for an answer: it never quotes a value."""


class TooBig(ValueError):
    """Compressed bytes that would unfold to more than the cap."""


def read(body: bytes) -> Any:
    """Parse UTF-8 JSON; every number with a fraction or an exponent becomes a `Number`, a Decimal.

    One leading byte order mark is skipped. Raises Malformed for duplicate keys, NaN and Infinity, lone
    surrogates, more than 32 levels, more than 1,000 digits, or an exponent beyond ±1,000.
    """
    body = body.removeprefix(BOM_UTF8)
    _check_depth(body)
    try:
        value = _STRICT.decode(body.decode())
    except Malformed:
        raise
    except (ValueError, RecursionError):
        raise Malformed("invalid JSON") from None
    if _ESCAPED_SURROGATE.search(body):
        _check_surrogates(value)
    return value


def elements(body: bytes) -> Iterator[tuple[bytes, Any]]:
    """Each element of a JSON array: its bytes and its value, or the Malformed that `read` would raise for it.

    Raises Malformed where it cannot be told where an element ends, since then the rest is unknown, too.
    """
    try:
        text = body.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError:
        raise Malformed("invalid JSON") from None
    at = _after_space(text, 0)
    if text[at : at + 1] != "[":
        raise Malformed("not a JSON array")
    at = _after_space(text, at + 1)
    closed = text.startswith("]", at)
    while not closed:
        value, end = _element(text, at)
        yield text[at:end].encode(), value
        at = _after_space(text, end)
        closed = text.startswith("]", at)
        if not closed:
            if not text.startswith(",", at):
                raise Malformed("invalid JSON")
            at = _after_space(text, at + 1)
    if _after_space(text, at + 1) != len(text):
        raise Malformed("invalid JSON")


def write(value: Any, *, ascii_only: bool = False) -> bytes:
    """UTF-8 JSON without spaces; a number keeps the digits it was read with.

    `ascii_only` writes all else as escapes, for a reader that refuses some characters (SQS: U+FFFE, U+FFFF).
    """
    text: str = (_ASCII if ascii_only else _UNICODE).encode(value)
    return text.encode()


def gunzip(body: bytes, limit: int) -> bytes:
    """Unfold gzip to at most `limit` bytes. Raises Malformed, or TooBig as soon as the cap is passed."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as unfolded:
            plain = unfolded.read(limit + 1)
    except (OSError, EOFError, zlib.error):
        raise Malformed("invalid gzip") from None
    if len(plain) > limit:
        raise TooBig
    return plain


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _element(text: str, at: int) -> tuple[Any, int]:
    """The value that begins here, or the Malformed that it is, and where it ends."""
    try:
        try:
            value, end = _STRICT.raw_decode(text, at)
            body = text[at:end].encode()
            _check_depth(body)
            if _ESCAPED_SURROGATE.search(body):
                _check_surrogates(value)
        except Malformed as error:
            _, end = _LENIENT.raw_decode(text, at)
            return error, end
    except (ValueError, RecursionError):
        raise Malformed("invalid JSON") from None
    return value, end


def _check_depth(body: bytes) -> None:
    depth = 0
    quoted = escaped = False
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    for byte in body:
        if quoted:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                quoted = False
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed(f"JSON nested deeper than {MAX_DEPTH} levels")
        elif byte in b"]}":
            depth -= 1


def _integer(text: str) -> int | Number:
    if len(text) > MAX_DIGITS:
        raise Malformed(f"a number of more than {MAX_DIGITS} digits")
    return int(text) if text != "-0" else Number(text)


def _decimal(text: str) -> Number:
    if len(text) > MAX_DIGITS:
        raise Malformed(f"a number of more than {MAX_DIGITS} digits")
    exponent = _EXPONENT.split(text)[1:]
    if exponent and abs(int(exponent[0])) > MAX_EXPONENT:
        raise Malformed(f"a number with an exponent beyond {MAX_EXPONENT}")
    return Number(text)


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a JSON object names a key twice")
    return found


def _check_surrogates(value: Any) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Malformed("a lone surrogate is not text") from None
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_surrogates(name)
            _check_surrogates(member)
    elif isinstance(value, list):
        for member in value:
            _check_surrogates(member)


_STRICT = json.JSONDecoder(
    parse_float=_decimal,
    parse_int=_integer,
    parse_constant=_refuse_constant,
    object_pairs_hook=_object,
)
_LENIENT = json.JSONDecoder(parse_float=str, parse_int=str)
"""Finds where a value ends that the strict one refuses."""

_ASCII, _UNICODE = (
    simplejson.JSONEncoder(use_decimal=True, separators=(",", ":"), ensure_ascii=ascii_only, allow_nan=False)
    for ascii_only in (True, False)
)
