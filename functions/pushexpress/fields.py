"""What push.express's endpoints have in common: the path's values, and the grammars of its fields."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.fields import integer, pattern, refusal
from gateway.validate import Parameters
from pushexpress.apps import ID
from pushexpress.system import settings

IDENTIFIER = pattern(ID, "must be 1 to 64 letters, digits, - or _")
FILLED = pattern(r"(?s).+", "must not be empty")

Filled = Annotated[str, FILLED]
"""A text that says something."""

Integer = Annotated[int, integer(-(2**63), 2**63 - 1, digits=False)]
"""An integer of 64 bits."""


def _printable(value: str) -> str:
    if not (1 <= len(value) <= 255 and value.isprintable()):
        raise refusal("must be 1 to 255 printable characters")
    return value


PRINTABLE = AfterValidator(_printable)
"""1 to 255 characters, none of which controls anything."""


def listed(*values: str) -> AfterValidator:
    """One of the document's values while the system is strict, else any text: SDKs send others."""
    if settings.strict:
        return pattern("|".join(map(re.escape, values)), f"must be one of {', '.join(values)}")
    return FILLED


class AppPath(Parameters):
    """The values of a path under an app."""

    app_id: Annotated[str, IDENTIFIER] = Field(description="The app's id at push.express, or an alias of it.")


class InstancePath(AppPath):
    """The values of a path under an app's instance."""

    ic_id: Annotated[str, IDENTIFIER] = Field(description="The instance's id, as push.express gave it out.")
