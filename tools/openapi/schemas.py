"""Models as OpenAPI schemas: JSON Schema without what it would say twice."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from gateway.inbound.validate import NoValues
from tools.systems.page import Schema

REFERENCE = "#/components/schemas/"
NULL = {"type": "null"}


class _Untitled(GenerateJsonSchema):
    """A field's title would be its name in other letters."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """See pydantic."""
        return False


class Schemas:
    """The schemas of the models of all systems, by name, each once."""

    def __init__(self) -> None:
        """None yet."""
        self.components: dict[str, Schema] = {}

    def body(self, model: type[BaseModel], prefix: str) -> Schema:
        """The schema of a body: a reference to its model's. No body at all is no null in it."""
        if model is NoValues:
            return {"description": "Not read."}
        found = self._found(model, prefix)
        kinds = [kind for kind in found.get("anyOf", []) if kind != NULL]
        if len(kinds) == 1:
            return dict(kinds[0])
        return self._component(f"{prefix}{model.__name__}", found)

    def fields(self, model: type[BaseModel]) -> dict[str, Schema]:
        """The schemas of a flat model's fields: the values of a path."""
        found = model.model_json_schema(schema_generator=_Untitled)
        return dict(found.get("properties", {}))

    def form(self, body: Schema) -> Schema:
        """The same body as the fields of a form, where an object is its JSON."""
        form = copy.deepcopy(self.resolved(body))
        form["properties"] = {name: self._text(field) for name, field in form["properties"].items()}
        form.pop("description", None)
        return form

    def resolved(self, schema: Schema) -> Schema:
        """What a reference refers to."""
        if "$ref" in schema:
            return self.resolved(self.components[schema["$ref"].removeprefix(REFERENCE)])
        return schema

    def answer(self, schema: Schema) -> Schema:
        """A reference to the schema of an answer, by its title; one without a title stays where it is."""
        return self._component(schema["title"], schema) if "title" in schema else schema

    def _text(self, field: Schema) -> Schema:
        kinds = [self.resolved(kind) for kind in field.get("anyOf", [field])]
        if not any(kind.get("type") in ("object", "array") for kind in kinds):
            return field
        about = {"description": field["description"]} if "description" in field else {}
        of = {name: value for name, value in field.items() if name not in ("description", "default")}
        return {"type": "string", "contentMediaType": "application/json", "contentSchema": of, **about}

    def _found(self, model: type[BaseModel], prefix: str) -> Schema:
        found = model.model_json_schema(
            ref_template=f"{REFERENCE}{prefix}{{model}}", schema_generator=_Untitled
        )
        for name, definition in found.pop("$defs", {}).items():
            self._component(f"{prefix}{name}", definition)
        return _tidy(found)

    def _component(self, name: str, schema: Schema) -> Schema:
        known = self.components.setdefault(name, _tidy(schema))
        if known != _tidy(schema):
            raise ValueError(f"two models are called {name}")
        return {"$ref": f"{REFERENCE}{name}"}


def pascal(snake: str) -> str:
    """`new_session` is `NewSession`."""
    return "".join(part.capitalize() for part in snake.split("_"))


def _tidy(schema: Schema) -> Schema:
    """Without titles, and without the null that an absent field is in Python."""
    tidy = {name: value for name, value in schema.items() if name != "title"}
    if "properties" in tidy:
        tidy["properties"] = {
            name: {key: value for key, value in field.items() if (key, value) != ("default", None)}
            for name, field in tidy["properties"].items()
        }
    return tidy
