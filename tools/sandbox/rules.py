"""Reads a scripted fault received over HTTP, and says what is wrong with an invalid one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from tools.sandbox.reading import refuse_constant, unique_keys
from tools.systems.vendor import Json

TAKES_EFFECT = {
    "status": False,
    "delay": True,
    "hang": False,
    "reset": False,
    "accept-then-reset": True,
    "malformed-json": False,
    "html": False,
    "truncated-body": True,
    "empty": False,
    "redirect": False,
    "huge": False,
    "drip": True,
    "success-false": False,
}
"""Every kind of fault, and whether the vendor still does what was asked unless the rule's `taken` differs."""

FORMS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "fault": ((str,), "a string"),
    "system": ((str,), "a string"),
    "path": ((str,), "a string"),
    "status": ((int,), "an integer"),
    "headers": ((dict,), "an object"),
    "body": ((str, dict, list), "a string or an object or an array"),
    "seconds": ((int, float), "a number"),
    "size": ((int,), "an integer"),
    "next": ((int,), "an integer"),
    "share": ((int, float), "a number"),
    "seed": ((int,), "an integer"),
    "taken": ((bool,), "true or false"),
}
"""The keys of a rule: see Fault."""

_RANGES = {"status": (100, 599), "seconds": (0, 3600), "size": (0, 2**30), "share": (0, 1)}
_ONLY_FOR = {"seconds": ("delay", "hang", "drip"), "size": ("huge",)}
_NO_ANSWER = ("hang", "reset", "accept-then-reset")
_NOT_FOR = {"status": _NO_ANSWER, "headers": _NO_ANSWER, "body": (*_NO_ANSWER, "huge")}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")


def read(body: bytes) -> Json:
    """The value of a JSON text, with plain numbers. Raises ValueError."""
    try:
        value = json.loads(
            body.decode(),
            parse_float=_double,
            parse_int=_integer,
            parse_constant=refuse_constant,
            object_pairs_hook=unique_keys,
        )
        # What is taken is shown again, in every later list of the faults.
        json.dumps([[value]], ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    except UnicodeEncodeError:
        raise ValueError("the body contains a lone surrogate") from None
    return value


def checked(rule: Json, systems: Collection[str]) -> dict[str, Any]:
    """A valid rule; `systems`: the known vendors. Raises ValueError."""
    if not isinstance(rule, dict) or "fault" not in rule:
        raise ValueError("a fault is an object with the key `fault`")
    for name, value in rule.items():
        _check_form(name, value)
        _check_range(name, value)
    kind = rule["fault"]
    if kind not in TAKES_EFFECT:
        raise ValueError(f"`fault` is one of {', '.join(TAKES_EFFECT)}")
    if "system" in rule and rule["system"] not in systems:
        raise ValueError(f"`system` is one of {', '.join(systems)}")
    for name in rule:
        if kind not in _ONLY_FOR.get(name, (kind,)):
            raise ValueError(f"`{name}` is for {', '.join(_ONLY_FOR[name])}, not for {kind}")
        if kind in _NOT_FOR.get(name, ()):
            raise ValueError(f"`{name}` is not for {kind}")
    _check_headers(rule.get("headers", {}))
    try:
        re.compile(rule.get("path", ""))
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"`path` is not a regular expression: {error}") from error
    return dict(rule)


def _check_form(name: str, value: Any) -> None:
    if name not in FORMS:
        raise ValueError(f"`{name}` is none of {', '.join(FORMS)}")
    types, form = FORMS[name]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise ValueError(f"`{name}` is not {form}")


def _check_range(name: str, value: Any) -> None:
    if name in _RANGES and not (_RANGES[name][0] <= value <= _RANGES[name][1]):
        raise ValueError(f"`{name}` is {_RANGES[name][0]} to {_RANGES[name][1]}")
    if name == "next" and value < 1:
        raise ValueError("`next` is 1 or more: the number of requests that meet it")


def _check_headers(headers: Mapping[str, Json]) -> None:
    for name, value in headers.items():
        if _HEADER_NAME.fullmatch(name) is None:
            raise ValueError(f"`headers`: {name!r} is not the name of a header field")
        if not isinstance(value, str) or _HEADER_VALUE.fullmatch(value) is None:
            raise ValueError(f"`headers`: the value of {name} is not one line of text in Latin-1")


def _double(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("the body holds a number that is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > 1000:
        raise ValueError("the body holds a number that is too large")
    return int(text)
