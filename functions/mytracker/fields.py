"""The fields of MyTracker's events, what all of them carry, and batches of them.

Optional fields may be left out; a null that was sent is refused. Nothing here changes a value on its way to
MyTracker but `Texts`.
"""

from collections.abc import Mapping
from decimal import Decimal
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from gateway.fields import Amount, integer, pattern, refusal
from gateway.validate import Parameters
from mytracker.system import settings

IDENTIFIERS = (
    "customUserId",
    "customPlatformUserId",
    "instanceId",
    "lvid",
    "gaid",
    "androidId",
    "idfa",
    "iosVendorId",
)
"""Any one of them says whose event it is."""


def _user(value: Any) -> Any:
    if isinstance(value, str) and 1 <= len(value) <= 1024:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise refusal("must be a string of 1 to 1024 characters, or an integer")


def _address(kind: type[IPv4Address | IPv6Address], name: str) -> AfterValidator:
    def check(value: str) -> str:
        try:
            kind(value)
        except AddressValueError:
            value = ""
        if not value or "%" in value:  # a zone means something on its own machine alone
            raise refusal(f"must be an {name} address")
        return value

    return AfterValidator(check)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise refusal("must be a flat object of strings")


def _texts(params: Any) -> Any:
    if params == []:  # PHP writes an empty map as an empty list
        return params
    if not isinstance(params, dict):
        raise refusal("must be an object")
    texts = {name: _text(value) for name, value in params.items()}
    if not all(1 <= len(text) <= 255 for pair in texts.items() for text in pair):
        raise refusal("must have names and values of 1 to 255 characters")
    return texts


def _not_negative(value: Any) -> Any:
    if value.startswith(("+", "-")) if isinstance(value, str) else value < 0:
        raise refusal("must be digits, and not negative")
    return value


UserId = Annotated[
    Any,
    BeforeValidator(_user),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1, "maxLength": 1024}, {"type": "integer"}]}),
]
"""The app's own name of a user: 1…1024 characters, or an integer."""

Text255 = Annotated[str, Field(min_length=1, max_length=255)]
Text32 = Annotated[str, Field(min_length=32, max_length=32)]
Text36 = Annotated[str, Field(min_length=36, max_length=36)]

Choice = Annotated[int, integer(0, 2)]
Switch = Annotated[int, integer(0, 1)]

# The document says 16 characters; its example has 15.
AndroidId = Annotated[str, Field(min_length=16 if settings.strict else 1, max_length=16)]

# The document says a numeric code, its example is USD.
Currency = Annotated[
    str,
    pattern("[A-Z]{3}", "must be three capital letters")
    if settings.strict
    else pattern("[A-Za-z0-9]{3}", "must be three letters or digits"),
]

Texts = Annotated[
    Any,
    BeforeValidator(_texts),
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"minLength": 1, "maxLength": 255},
            "additionalProperties": {
                "anyOf": [
                    {"type": "string", "minLength": 1, "maxLength": 255},
                    {"type": "number"},
                    {"type": "boolean"},
                ]
            },
        }
    ),
]
"""A map of texts: numbers become their digits, booleans `true` and `false`; `[]` is PHP's empty map."""

Total = Annotated[Amount, AfterValidator(_not_negative)]
"""A payment: a number or a string of decimal digits, kept as it came."""


class Event(Parameters):
    """What every event may carry."""

    eventTimestamp: Annotated[int, integer(0, 2**32 - 1)] | None = Field(
        None, description="Unix seconds (not milliseconds); the time of receipt where it is left out."
    )
    customUserId: UserId = Field(None, description="The user's id in the app.")
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
            raise refusal("must not be null")
        return value

    def conversions(self) -> Mapping[str, Any]:
        """The fields that MyTracker gets otherwise than they were sent."""
        return {}


class UserEvent(Event):
    """An event of a user that the app knows."""

    customUserId: UserId = Field(description="The user's id in the app.")


class IdentifiedEvent(Event):
    """An event of a user or of a device."""

    @model_validator(mode="after")
    def _identified(self) -> Self:
        if all(getattr(self, name, None) in (None, "") for name in IDENTIFIERS):
            raise refusal(f"needs one of {', '.join(IDENTIFIERS)}")
        return self


class Batch[E: Event](RootModel[Annotated[list[E], Field(min_length=1, max_length=20)]]):
    """1 to 20 events; one that is bad spoils them all."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
