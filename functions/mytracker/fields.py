"""The fields of MyTracker's events, the base of all events, and batches.

Optional fields may be omitted; an explicit null is rejected. Only `Texts` changes a value on its way to
MyTracker.
"""

from collections.abc import Mapping
from decimal import Decimal
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Annotated, Any, Self

from pydantic import (
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    RootModel,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from gateway.inbound.fields import Amount, Rule, integer, invalid_value, pattern
from gateway.inbound.validate import Parameters
from mytracker.joining import MAX_EVENTS
from mytracker.system import IDENTIFIERS, settings


def _user(value: Any) -> Any:
    if isinstance(value, str) and 1 <= len(value) <= 1024:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise invalid_value("must be a string of 1 to 1024 characters, or an integer")


def _address(kind: type[IPv4Address | IPv6Address], name: str) -> Rule:
    def check(value: str) -> str:
        try:
            kind(value)
        except AddressValueError:
            value = ""
        if not value or "%" in value:  # a zone is meaningful only on its own machine
            raise invalid_value(f"must be an {name} address")
        return value

    return Rule(check, {"format": name.lower()})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise invalid_value("must be a flat object of strings")


def _texts(params: Any) -> Any:
    if params == []:  # PHP writes an empty map as an empty list
        return params
    if not isinstance(params, dict):
        raise invalid_value("must be an object")
    texts = {name: _text(value) for name, value in params.items()}
    if not all(1 <= len(text) <= 255 for pair in texts.items() for text in pair):
        raise invalid_value("must have names and values of 1 to 255 characters")
    return texts


def _not_negative(value: Any) -> Any:
    if value.startswith(("+", "-")) if isinstance(value, str) else value < 0:
        raise invalid_value("must be digits, and not negative")
    return value


UserId = Annotated[
    Any,
    Rule(
        _user,
        {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 1024}, {"type": "integer"}]},
        before=True,
    ),
]
"""The app's own id of a user: 1…1024 characters, or an integer."""

Text255 = Annotated[str, Field(min_length=1, max_length=255)]
Text32 = Annotated[str, Field(min_length=32, max_length=32)]
Text36 = Annotated[str, Field(min_length=36, max_length=36)]

Choice = Annotated[int, integer(0, 2)]
Switch = Annotated[int, integer(0, 1)]

# The document specifies 16 characters; its example has 15.
AndroidId = Annotated[str, Field(min_length=16 if settings.strict else 1, max_length=16)]

# The document specifies a numeric code; its example is USD.
Currency = Annotated[
    str,
    pattern("[A-Z]{3}", "must be three capital letters")
    if settings.strict
    else pattern("[A-Za-z0-9]{3}", "must be three letters or digits"),
]

_TEXT = {"type": "string", "minLength": 1, "maxLength": 255}

Texts = Annotated[
    Any,
    Rule(
        _texts,
        {
            "anyOf": [
                {
                    "type": "object",
                    "propertyNames": _TEXT,
                    "additionalProperties": {"anyOf": [_TEXT, {"type": "number"}, {"type": "boolean"}]},
                },
                {"type": "array", "items": {}, "maxItems": 0},
            ]
        },
        before=True,
    ),
]
"""A map of strings: numbers become their digits, booleans `true` and `false`; `[]` is PHP's empty map."""

Total = Annotated[
    Amount,
    Rule(
        _not_negative,
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": r"^[0-9]{1,40}(\.[0-9]{1,40})?$"},
            ]
        },
    ),
]
"""A payment: a number or a string of decimal digits, kept as it was sent."""


class Event(Parameters):
    """The fields that every event may have."""

    eventTimestamp: Annotated[int, integer(0, 2**32 - 1)] | None = Field(
        None, description="Unix seconds (not milliseconds); defaults to the time of receipt."
    )
    customUserId: UserId = Field(None, description="The user's id in the app.")
    customPlatformUserId: UserId = Field(None, description="The user's id on the platform.")
    ipv4: Annotated[str, Field(max_length=15), _address(IPv4Address, "IPv4")] | None = None
    ipv6: Annotated[str, Field(max_length=45), _address(IPv6Address, "IPv6")] | None = None
    idGender: Choice | None = Field(None, description="0 unknown, 1 man, 2 woman.")
    age: Annotated[int, integer(0, 128)] | None = Field(None, description="Years.")
    connectionType: Choice | None = Field(None, description="0 unknown, 1 mobile, 2 wi-fi.")
    bluetoothEnabled: Choice | None = Field(None, description="0 unknown, 1 on, 2 off.")
    instanceId: Text36 | None = Field(None, description="S2S device identifier.")
    adTrackingEnabled: Switch | None = Field(None, description="0 off, 1 on.")
    idfa: Text36 | None = Field(None, description="iOS advertising identifier.")
    iosVendorId: Text36 | None = Field(None, description="iOS vendor identifier.")
    gaid: Text36 | None = Field(None, description="Android advertising identifier.")
    androidId: AndroidId | None = Field(None, description="Android identifier.")
    lvid: Text32 | None = Field(None, description="S2S device identifier of the web platform.")
    adBlocker: Switch | None = Field(None, description="0 off, 1 on.")
    userAgent: Annotated[str, Field(max_length=2048)] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _sent(cls, value: Any) -> Any:
        if value is None:
            raise invalid_value("must not be null")
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Called by pydantic when a schema is generated: a null is rejected, so none is shown."""
        shown = handler(schema)
        for field in handler.resolve_ref_schema(shown).get("properties", {}).values():
            kinds = [kind for kind in field.get("anyOf", []) if kind != {"type": "null"}]
            if len(kinds) == 1:
                del field["anyOf"]
                field |= kinds[0] | field
            elif kinds:
                field["anyOf"] = kinds
            if field.get("default", ...) is None:
                del field["default"]
        return shown

    def conversions(self) -> Mapping[str, Any]:
        """The fields that are sent to MyTracker in another form."""
        return {}


class UserEvent(Event):
    """An event of a user known to the app."""

    customUserId: UserId = Field(description="The user's id in the app.")


class IdentifiedEvent(Event):
    """An event of a user or of a device."""

    # Within `allOf`, because client generators ignore `properties` beside an `anyOf`.
    model_config = ConfigDict(
        json_schema_extra={"allOf": [{"anyOf": [{"required": [name]} for name in IDENTIFIERS]}]}
    )

    @model_validator(mode="after")
    def _identified(self) -> Self:
        if all(getattr(self, name, None) in (None, "") for name in IDENTIFIERS):
            raise invalid_value(f"needs one of {', '.join(IDENTIFIERS)}")
        return self


class Batch[E: Event](RootModel[Annotated[list[E], Field(min_length=1, max_length=MAX_EVENTS)]]):
    """1 to 20 events; one invalid event rejects the batch."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
