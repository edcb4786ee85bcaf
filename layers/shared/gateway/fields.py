"""The grammars that several contracts share, as pydantic types. Patterns are matched whole.

A type refuses with a text that never quotes the value. `Form` adds the contract's own name of the right
form where its errors show one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


def refusal(text: str, **context: Any) -> PydanticCustomError:
    """The error to raise in a validator: `text` follows the field's name (`must be a UUID`)."""
    return PydanticCustomError("refused", text, {"ours": True, **context})


def pattern(expression: str, text: str) -> AfterValidator:
    """A string that matches `expression` as a whole: a final line break is part of it too."""
    matcher = re.compile(expression)

    def check(value: str) -> str:
        if matcher.fullmatch(value) is None:
            raise refusal(text)
        return value

    return AfterValidator(check)


@dataclass(frozen=True)
class Form:
    """The contract's own name of a field's right form (`string (100)`), put on every refusal of the field."""

    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic: wraps the field's own validation."""

        def check(value: Any, inner: Callable[[Any], Any]) -> Any:
            try:
                return inner(value)
            except ValueError:
                raise refusal(f"must be {self.name}", form=self.name) from None

        return core_schema.no_info_wrap_validator_function(check, handler(source))


def integer(minimum: int, maximum: int, *, digits: bool = True) -> BeforeValidator:
    """A JSON integer, or (with `digits`) its plain decimal digits in a string: no boolean, fraction, space,
    sign but a minus, `_` or `٣`.

    Goes before `int`; the bounds are inclusive.
    """

    def check(value: Any) -> Any:
        if digits and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise refusal("must be an integer")
        if not minimum <= value <= maximum:
            raise refusal(f"must be from {minimum} to {maximum}")
        return value

    return BeforeValidator(check)


def _finite(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise refusal("must be a number")
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", value) is None:
        raise refusal("must be a number")
    try:
        # A reader that keeps doubles, as most do, would take a larger number for infinity.
        largest = float(Decimal(value)) if isinstance(value, str) else float(value)
    except (OverflowError, InvalidOperation):
        largest = float("inf")
    if largest in (float("inf"), float("-inf")):
        raise refusal("must be a finite number")
    return value


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise refusal("must be true or false")
    return value


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


def _real_date(value: str) -> str:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            date.fromisoformat(value)
            return value
    except ValueError:
        pass
    raise refusal("must be a date, YYYY-MM-DD")


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refusal("must be a number")
    return value


_HEX4 = "[0-9a-fA-F]{4}"

UUID = pattern(f"{_HEX4}{_HEX4}-{_HEX4}-{_HEX4}-{_HEX4}-{_HEX4 * 3}", "must be a UUID")
"""A UUID of any version, in any case."""

UUID4 = pattern(
    f"{_HEX4}{_HEX4}-{_HEX4}-4[0-9a-fA-F]{{3}}-[89abAB][0-9a-fA-F]{{3}}-{_HEX4 * 3}",
    "must be a UUID of version 4",
)
"""A random UUID (RFC 9562, version 4)."""

Uuid = Annotated[str, UUID]
"""A UUID of any version, kept as it was written."""

Boolean = Annotated[bool, BeforeValidator(_boolean)]
"""A JSON true or false, and nothing that pydantic would take for one."""

Amount = Annotated[Any, BeforeValidator(_finite)]
"""Money: a JSON number or a string of plain decimal digits, kept as it came; never a float."""

Number = Annotated[Any, BeforeValidator(_number)]
"""A JSON number, kept as it came."""

Date = Annotated[str, AfterValidator(_real_date)]
"""A day that the calendar has, `YYYY-MM-DD`."""

NoneIfEmpty = BeforeValidator(_none_if_empty)
"""Takes an empty string for null."""
