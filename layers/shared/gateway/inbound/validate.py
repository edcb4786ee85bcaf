"""From values to models: pydantic's errors become problems, with the same texts for every system."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from gateway.core.errors import Invalid
from gateway.core.problem import Problem, ProblemKind

MAX_PROBLEMS = 100
"""Further problems are not listed: a body with thousands must not get an answer of megabytes."""

MAX_ELEMENTS = 5_000
"""The most elements that a list of objects may have."""


class Parameters(BaseModel):
    """Base of all endpoints' models: frozen; fields that the document does not name are allowed."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)


class NoValues(Parameters):
    """The model of a path or body that an endpoint does not read."""


def validate(*parts: tuple[type[BaseModel], Any]) -> list[Any]:
    """Validate each value by its model. Raises Invalid with the problems of all parts, in order."""
    models: list[Any] = []
    problems: list[Problem] = []
    for model, value in parts:
        try:
            models.append(model.model_validate(value))
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=True)
            problems += [_problem(detail, model.__name__) for detail in details]
    if problems:
        raise Invalid(*problems[:MAX_PROBLEMS])
    return models


_KINDS = {"missing": ProblemKind.ABSENT, "extra_forbidden": ProblemKind.UNKNOWN}
"""By pydantic's type of error; for all other types the value decides."""


def _problem(detail: ErrorDetails, model: str) -> Problem:
    context: Mapping[str, Any] = detail.get("ctx") or {}
    kind = _KINDS.get(detail["type"])
    if kind is None:
        kind = ProblemKind.EMPTY if detail["input"] in (None, "") else ProblemKind.WRONG
    form = str(context.get("form", ""))
    return Problem(_name(detail["loc"]), kind, _text(detail, context), form=form, model=model)


def _name(location: tuple[int | str, ...]) -> str:
    name = ""
    for step in location:
        if isinstance(step, int):
            name += f"[{step}]"
        else:
            name += f".{step}" if name else step
    return name if location else "body"


_TEXTS = {
    "missing": "is required",
    "extra_forbidden": "is not a parameter",
    "string_type": "must be a string",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "too_short": "must have at least {min_length} elements",
    "too_long": "must have at most {max_length} elements",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def _text(detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    template = _TEXTS.get(detail["type"])
    # Our own errors (fields.py) have their text; another text of pydantic's could quote the value.
    if template is None:
        return detail["msg"] if context.get("ours") else "is not valid"
    if detail["type"] in ("too_short", "too_long") and isinstance(detail["input"], str):
        template = _TEXTS[f"string_{detail['type']}"]
    return template.format(**context)
