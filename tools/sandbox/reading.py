"""Reads JSON strictly, independently of the gateway's reader, which it checks."""

import json
from decimal import Decimal, InvalidOperation
from typing import NoReturn, TypeGuard

from tools.systems.vendor import Json


def parse(body: bytes) -> Json:
    """The value of a JSON text in UTF-8; fractions become Decimals.

    Raises ValueError for what some parser would refuse or read otherwise: duplicate keys, NaN and Infinity,
    lone surrogates, a byte order mark, nesting that exhausts the stack.
    """
    try:
        value = json.loads(
            body.decode(), parse_float=Decimal, parse_constant=refuse_constant, object_pairs_hook=unique_keys
        )
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except (RecursionError, InvalidOperation) as error:
        raise ValueError("not JSON that every parser reads") from error
    return value


def canonical(value: Json) -> bytes:
    """One text for all spellings of a value: sorted keys, no spaces, normalised numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode()


def is_integer(value: Json) -> TypeGuard[int]:
    """A JSON integer; a boolean is not one, although Python says so."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Json) -> TypeGuard[int | Decimal]:
    """A JSON number."""
    return is_integer(value) or isinstance(value, Decimal)


def is_whole(value: Json) -> bool:
    """A JSON number without a fraction, however it is written: `801`, `801.0`, `8.01e2`."""
    return is_integer(value) or (isinstance(value, Decimal) and value == value.to_integral_value())


def refuse_constant(name: str) -> NoReturn:
    """For `json.loads`: NaN and Infinity are not JSON. Raises ValueError."""
    raise ValueError(f"{name} is not JSON")


def unique_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """For `json.loads`: an object without duplicate keys. Raises ValueError."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a key twice")
    return found
