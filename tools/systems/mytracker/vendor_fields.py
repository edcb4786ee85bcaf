"""The fields of a MyTracker event, as the tables of "Import event" have them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from decimal import Decimal

from tools.sandbox.reading import is_integer, is_number
from tools.systems.vendor import Json

_DIGITS = re.compile(r"[0-9]{1,20}")
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")
_CURRENCY = re.compile(r"[A-Za-z0-9]{3}")
_DEVICES = ("instanceId", "lvid", "gaid", "androidId", "idfa", "iosVendorId")
_REQUIRED = {
    "registration": ("customUserId",),
    "login": ("customUserId",),
    "customEvent": ("customEventName",),
    "customRevenue": ("idTransaction", "currency", "total"),
}


def problem(event: str, data: Json) -> str | None:
    """What is wrong with an event of this name (in ASCII, without values); None if it can be imported."""
    if not isinstance(data, dict):
        return "not an object"
    for name in _REQUIRED[event]:
        if name not in data:
            return f"{name} is required"
    if not any(name in data for name in ("customUserId", "customPlatformUserId", *_DEVICES)):
        return "a user or device identifier is required"
    for name, is_right in (_COMMON | _OWN.get(event, {})).items():
        if name in data and not is_right(data[name]):
            return f"{name} is not valid"
    return None


def _integer(low: int, high: int) -> Callable[[Json], bool]:
    def is_right(value: Json) -> bool:
        if isinstance(value, str):
            return _DIGITS.fullmatch(value) is not None and low <= int(value) <= high
        return is_integer(value) and low <= value <= high

    return is_right


def _text(low: int, high: int) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, str) and low <= len(value) <= high


def _user(value: Json) -> bool:
    return is_integer(value) or _text(1, 1024)(value)


def _address(kind: Callable[[str], object], longest: int) -> Callable[[Json], bool]:
    def is_right(value: Json) -> bool:
        if not isinstance(value, str) or len(value) > longest or "%" in value:
            return False
        try:
            kind(value)
        except ValueError:
            return False
        return True

    return is_right


def _parameters(value: Json) -> bool:
    # PHP writes an empty map as an empty list.
    if value == []:
        return True
    short = _text(1, 255)
    return isinstance(value, dict) and all(short(key) and short(text) for key, text in value.items())


def _amount(value: Json) -> bool:
    if isinstance(value, str):
        return _AMOUNT.fullmatch(value) is not None
    return is_number(value) and Decimal(value) >= 0


_COMMON: dict[str, Callable[[Json], bool]] = {
    "eventTimestamp": _integer(0, 2**32 - 1),
    "customUserId": _user,
    "ipv4": _address(ipaddress.IPv4Address, 15),
    "ipv6": _address(ipaddress.IPv6Address, 45),
    "idGender": _integer(0, 2),
    "age": _integer(0, 128),
    "connectionType": _integer(0, 2),
    "bluetoothEnabled": _integer(0, 2),
    "instanceId": _text(36, 36),
    "adTrackingEnabled": _integer(0, 1),
    "idfa": _text(36, 36),
    "iosVendorId": _text(36, 36),
    "gaid": _text(36, 36),
    "androidId": _text(1, 16),
    "lvid": _text(32, 32),
    "adBlocker": _integer(0, 1),
    "userAgent": _text(0, 2048),
}
_OWN: dict[str, dict[str, Callable[[Json], bool]]] = {
    "customEvent": {"customEventName": _text(1, 255), "customEventParams": _parameters},
    "customRevenue": {
        "idTransaction": _text(1, 255),
        "currency": lambda value: isinstance(value, str) and _CURRENCY.fullmatch(value) is not None,
        "total": _amount,
    },
}
"""In another event they are unknown fields, which the vendor ignores."""
