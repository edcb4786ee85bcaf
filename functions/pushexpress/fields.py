"""What push.express's endpoints share: the path's values, and the grammars of fields."""

import re
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from gateway.inbound.fields import Rule, integer, invalid_value, pattern
from gateway.inbound.validate import Parameters
from pushexpress.apps import ID
from pushexpress.system import settings

IDENTIFIER = pattern(ID, "must be 1 to 64 letters, digits, - or _")

Integer = Annotated[int, integer(-(2**63), 2**63 - 1, digits=False)]
"""A 64-bit integer."""


def _filled(value: str) -> str:
    if not value:
        raise invalid_value("must not be empty")
    return value


def _printable(value: str) -> str:
    if not (1 <= len(value) <= 255 and value.isprintable()):
        raise invalid_value("must be 1 to 255 printable characters")
    return value


FILLED = Rule(_filled, {"minLength": 1})

Filled = Annotated[str, FILLED]
"""A string that is not empty."""

# The pattern excludes control characters in ASCII and Latin-1; JSON Schema cannot exclude the others.
PRINTABLE = Rule(_printable, {"minLength": 1, "maxLength": 255, "pattern": r"^[^\x00-\x1f\x7f-\xa0]*$"})
"""1 to 255 printable characters."""


def listed(*values: str) -> Rule:
    """One of the documented values if the system is strict, else any string: SDKs send others."""
    if settings.strict:
        strict = pattern("|".join(map(re.escape, values)), f"must be one of {', '.join(values)}")
        return replace(strict, schema={"enum": list(values)})
    return replace(FILLED, schema={**FILLED.schema, "examples": list(values)})


class AppPath(Parameters):
    """The values of an app's path."""

    app_id: Annotated[str, IDENTIFIER] = Field(description="The app's id at push.express, or an alias.")


class InstancePath(AppPath):
    """The values of an instance's path."""

    ic_id: Annotated[str, IDENTIFIER] = Field(description="The instance's id, as push.express issued it.")
