"""The grammars that several contracts share, as pydantic types. Patterns match whole values.

The text of an error never quotes the value, and each type describes itself in JSON Schema. `Form` adds the
contract's own name of the right form, for contracts whose errors show it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gateway.core.data import dataclass
from gateway.core.identifiers import HEX, UUID_TEXT

_DIGITS = "[0-9]{1,20}"
_SIGNED_DIGITS = f"-?{_DIGITS}"
_DECIMAL = r"-?[0-9]{1,40}(\.[0-9]{1,40})?"


def invalid_value(text: str, **context: Any) -> PydanticCustomError:
    """The error to raise in a validator: `text` follows the field's name (`must be a UUID`)."""
    return PydanticCustomError("refused", text, {"ours": True, **context})


@dataclass(frozen=True, eq=False)
class Rule:
    """A check of a value, and its description in JSON Schema.

    `check` returns the value, or raises `invalid_value(…)`. It runs after the type's own validation, and its
    schema is added to the type's. With `before` it runs first, and its schema, if any, replaces the type's.
    """

    check: Callable[[Any], Any]
    schema: Mapping[str, Any]
    before: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic: adds the check before or after the type's own validation."""
        inner = handler(source)
        if self.before:
            return core_schema.no_info_before_validator_function(self.check, inner)
        return core_schema.no_info_after_validator_function(self.check, inner)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Called by pydantic when a schema is generated."""
        own = dict(self.schema)
        return own if self.before and own else {**handler(schema), **own}


def whole(expression: str) -> str:
    """`expression` as a pattern for JSON Schema, where a pattern otherwise matches a part of the value."""
    return f"^(?:{expression})$"


def pattern(expression: str, text: str) -> Rule:
    """A string that matches `expression` as a whole, a final line break included."""
    matcher = re.compile(expression)

    def check(value: str) -> str:
        if matcher.fullmatch(value) is None:
            raise invalid_value(text)
        return value

    return Rule(check, {"pattern": whole(expression)})


@dataclass(frozen=True, eq=False)
class Form:
    """The contract's own name of a field's right form (`string (100)`), for every error of the field."""

    name: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic: wraps the field's own validation."""

        def check(value: Any, inner: Callable[[Any], Any]) -> Any:
            try:
                return inner(value)
            except ValueError:
                raise invalid_value(f"must be {self.name}", form=self.name) from None

        return core_schema.no_info_wrap_validator_function(check, handler(source))


def integer(minimum: int, maximum: int, *, digits: bool = True) -> Rule:
    """A JSON integer, or (with `digits`) a string of plain decimal digits, leading zeros included.

    It accepts no boolean, fraction, space, `_` or `٣`, and no sign except a minus if `minimum` is below zero.

    It runs before `int`; the bounds are inclusive.
    """
    written = _SIGNED_DIGITS if minimum < 0 else _DIGITS

    def check(value: Any) -> Any:
        if digits and isinstance(value, str) and re.fullmatch(written, value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid_value("must be an integer")
        if not minimum <= value <= maximum:
            raise invalid_value(f"must be from {minimum} to {maximum}")
        return value

    number: dict[str, Any] = {"type": "integer", "minimum": minimum, "maximum": maximum}
    if maximum >= 2**31:
        number["format"] = "int64"
    digit = f"0{{0,19}}[{minimum}-{maximum}]" if minimum >= 0 and maximum <= 9 else written
    text = {"type": "string", "pattern": whole(digit)}
    return Rule(check, {"anyOf": [number, text]} if digits else number, before=True)


def _finite(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise invalid_value("must be a number")
    if isinstance(value, str) and re.fullmatch(_DECIMAL, value) is None:
        raise invalid_value("must be a number")
    try:
        # To a reader that keeps doubles, as most do, a larger number is infinity.
        largest = float(Decimal(value)) if isinstance(value, str) else float(value)
    except (OverflowError, InvalidOperation):
        largest = float("inf")
    if largest in (float("inf"), float("-inf")):
        raise invalid_value("must be a finite number")
    return value


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise invalid_value("must be true or false")
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
    raise invalid_value("must be a date, YYYY-MM-DD")


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid_value("must be a number")
    return value


UUID = pattern(UUID_TEXT, "must be a UUID")
"""A UUID of any version, in any case."""

UUID4 = pattern(
    f"{HEX}{{8}}-{HEX}{{4}}-4{HEX}{{3}}-[89abAB]{HEX}{{3}}-{HEX}{{12}}",
    "must be a UUID of version 4",
)
"""A random UUID (RFC 9562, version 4)."""

Uuid = Annotated[str, UUID]
"""A UUID of any version, kept as it was sent."""

Boolean = Annotated[bool, Rule(_boolean, {"type": "boolean"}, before=True)]
"""A JSON true or false, and nothing else that pydantic would accept."""

Amount = Annotated[
    Any,
    Rule(
        _finite,
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": whole(_DECIMAL)}]},
        before=True,
    ),
]
"""Money: a JSON number or a string of plain decimal digits, kept as it was sent; never a float."""

Number = Annotated[Any, Rule(_number, {"type": "number"}, before=True)]
"""A JSON number, kept as it was sent."""

Date = Annotated[str, Rule(_real_date, {"format": "date"})]
"""A day of the calendar, `YYYY-MM-DD`."""


@dataclass(frozen=True, eq=False)
class OrEmpty:
    """Reads an empty string as null."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic."""
        return core_schema.no_info_before_validator_function(_none_if_empty, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Called by pydantic when a schema is generated."""
        inner = handler(schema)
        return {"anyOf": [*inner.get("anyOf", [inner]), {"type": "string", "maxLength": 0}]}


NoneIfEmpty = OrEmpty()
"""Reads an empty string as null."""
