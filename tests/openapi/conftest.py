"""The document as it is committed, and its parts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from tools.openapi.__main__ import DOCUMENT


class Document:
    """docs/openapi.json."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        """What a reference refers to; anything else as it is."""
        while "$ref" in value:
            found: Any = self.data
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            value = found
        return value

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Path, method and operation of each call; neither preflights nor unknown paths."""
        for path, item in self.data["paths"].items():
            for method, operation in item.items():
                if method != "options" and path not in ("/", "/{proxy}"):
                    yield path, method, operation

    def problems(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with a value by a schema of the document."""
        rooted = {"allOf": [schema], "components": self.data["components"]}
        validator = OAS31Validator(rooted, format_checker=oas31_format_checker)
        return [error.message for error in validator.iter_errors(value)]


@pytest.fixture(scope="session")
def document() -> Document:
    """See Document."""
    return Document(json.loads(DOCUMENT.read_text()))
