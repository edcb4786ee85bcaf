"""The values of track's fields: strings, as a form has them, converted to what the table's columns hold.

A value that cannot be converted is rejected with a `form`; one that is only too long, or not a Region,
without: the contract reports those later.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic_core import PydanticCustomError

from gateway.inbound.fields import Rule, invalid_value, pattern, whole
from track.amount import BOUND, GRAMMAR, MAX_LENGTH, four_places
from track.stores.record import LARGEST_INTEGER

_DIGITS = "[+-]?[0-9]{1,100}"
_INTEGER = re.compile(_DIGITS)
_BOOLEANS = dict.fromkeys(("1", "t", "T", "true", "True", "TRUE", "on"), True) | dict.fromkeys(
    ("0", "f", "F", "false", "False", "FALSE"), False
)


def _converted[Value](convert: Callable[[str], Value], form: str, *shown: dict[str, Any]) -> Rule:
    """`shown`: what a JSON body may contain besides strings, and the form of the strings."""

    def check(value: object) -> Value:
        try:
            if isinstance(value, str):
                return convert(value)
        except (ValueError, KeyError):
            pass
        raise invalid_value(f"must be {form}", form=form)

    return Rule(check, {"anyOf": list(shown)} if shown else {}, before=True)


def integer(text: str) -> int:
    """The 32-bit integer of decimal digits with or without a sign. Raises ValueError."""
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
"""Any string; a JSON number or boolean is read as it is written."""

Integer = Annotated[
    int,
    _converted(
        integer,
        "a 32-bit integer",
        {"type": "integer", "minimum": -LARGEST_INTEGER - 1, "maximum": LARGEST_INTEGER},
        {"type": "string", "pattern": whole(_DIGITS)},
    ),
]
"""Decimal digits with or without a sign."""

Boolean = Annotated[
    bool,
    _converted(
        _BOOLEANS.__getitem__,
        "a boolean",
        {"type": "boolean"},
        {"type": "integer", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": whole("|".join(_BOOLEANS))},
    ),
]
"""`1 t T true True TRUE on`, `0 f F false False FALSE`."""

Amount = Annotated[
    str,
    _converted(
        four_places,
        "an amount",
        {"type": "number", "exclusiveMinimum": -BOUND, "exclusiveMaximum": BOUND},
        {"type": "string", "pattern": whole(GRAMMAR), "maxLength": MAX_LENGTH},
    ),
]
"""Money: `1.99`, `199/100`, `1e2`; stored as a string with four decimal places."""

Region = Annotated[str, TEXT, pattern(r"[A-Za-z]{2,16}", "must be 2 to 16 letters")]
"""A country or region."""

ProfileId = Annotated[
    Integer,
    Rule(_not_zero, {"not": {"anyOf": [{"const": 0}, {"type": "string", "pattern": whole("[+-]?0+")}]}}),
]
"""The user of the event; 0 is no user, so it counts as absent."""
