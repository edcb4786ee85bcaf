"""The values of track's fields: texts, as a form has them, made what the table's columns hold.

What cannot be converted at all is refused with a `form`; what is only too long, or no Region, without one:
the contract looks at the latter later.
"""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gateway.fields import pattern, refusal
from track.amount import four_places
from track.stores.record import LARGEST_INTEGER

_INTEGER = re.compile(r"[+-]?[0-9]{1,100}")
_BOOLEANS = dict.fromkeys(("1", "t", "T", "true", "True", "TRUE", "on"), True) | dict.fromkeys(
    ("0", "f", "F", "false", "False", "FALSE"), False
)


def _converted[Value](convert: Callable[[str], Value], form: str) -> BeforeValidator:
    def check(value: object) -> Value:
        try:
            if isinstance(value, str):
                return convert(value)
        except (ValueError, KeyError):
            pass
        raise refusal(f"must be {form}", form=form)

    return BeforeValidator(check)


def _integer(text: str) -> int:
    if (
        _INTEGER.fullmatch(text) is None
        or not -LARGEST_INTEGER - 1 <= (number := int(text)) <= LARGEST_INTEGER
    ):
        raise ValueError("not a 32-bit integer")
    return number


def _not_zero(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("missing", "is required")
    return value


TEXT = _converted(str, "text")
"""Any text; a JSON number or boolean is the text that it is written as."""

Integer = Annotated[int, _converted(_integer, "a 32-bit integer"), Field(ge=-(2**31), le=2**31 - 1)]
"""Decimal digits with or without a sign."""

Boolean = Annotated[bool, _converted(_BOOLEANS.__getitem__, "a boolean")]
"""`1 t T true True TRUE on`, `0 f F false False FALSE`."""

Amount = Annotated[str, _converted(four_places, "an amount")]
"""Money: `1.99`, `199/100`, `1e2`; kept as text with four decimal places."""

Region = Annotated[str, TEXT, pattern(r"[A-Za-z]{2,16}", "must be 2 to 16 letters")]
"""A country or another part of the world."""

ProfileId = Annotated[Integer, AfterValidator(_not_zero)]
"""Whose event it is; 0 is nobody, so that it counts as absent."""
