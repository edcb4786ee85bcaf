"""A stage's file as an operator of this version may have it: with every setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.deploy.stage import Stage
from tools.template.reader import Template

HEAD = """[default.deploy.parameters]
stack_name = "trackgate-production"
region = "eu-central-1"

[default.deploy.parameters.parameter_overrides]
"""


def stage_file() -> str:
    """Its text. A setting with a few values has another one than the default, so that those are kept, too."""
    needed = {name: "1" for name, value in Stage.read("staging").given.items() if value.startswith("<")}
    values = {name: _another(rule) for name, rule in Template.read().parameters.items()} | needed
    return HEAD + "".join(f'{name} = "{value}"\n' for name, value in values.items())


def _another(rule: Mapping[str, Any]) -> Any:
    allowed = rule.get("AllowedValues", [])
    is_switch = set(allowed) == {"on", "off"}
    others = [value for value in allowed if value != rule["Default"]]
    return others[-1] if others and not is_switch else rule["Default"]
