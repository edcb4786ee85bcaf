"""A translated template with its conditions evaluated for given parameters, as CloudFormation does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_GONE = object()


class Conditions:
    """A template's conditions under the given values; parameters that are not given have their defaults."""

    def __init__(self, template: Mapping[str, Any], values: Mapping[str, str]) -> None:
        """`template`: after SAM's transform, with intrinsic functions in their long form."""
        defaults = {name: str(rule["Default"]) for name, rule in template["Parameters"].items()}
        self._values = defaults | dict(values)
        self._written: Mapping[str, Any] = template.get("Conditions", {})

    def hold(self, name: str) -> bool:
        """Whether the condition of this name is true."""
        return bool(self.decide(self._written[name]))

    def decide(self, value: Any) -> Any:
        """The value of a condition's expression: a boolean, or the text of a parameter."""
        if not isinstance(value, dict):
            return value
        ((function, argument),) = value.items()
        decide: dict[str, Callable[[], Any]] = {
            "Ref": lambda: self._values[argument],
            "Condition": lambda: self.hold(argument),
            "Fn::Equals": lambda: str(self.decide(argument[0])) == str(self.decide(argument[1])),
            "Fn::Not": lambda: not self.decide(argument[0]),
            "Fn::And": lambda: all(self.decide(each) for each in argument),
            "Fn::Or": lambda: any(self.decide(each) for each in argument),
        }
        return decide[function]()


def decided(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The template without conditions: each `Fn::If` becomes its branch; what is not created is left out.

    A reference to something that is left out stays, so that a linter finds it as CloudFormation would.
    """
    conditions = Conditions(template, values)
    without = {name: found for name, found in template.items() if name != "Conditions"}
    for section in ("Resources", "Outputs"):
        without[section] = {
            name: {key: _branch(part, conditions) for key, part in found.items() if key != "Condition"}
            for name, found in template.get(section, {}).items()
            if "Condition" not in found or conditions.hold(found["Condition"])
        }
    return without


def _branch(value: Any, conditions: Conditions) -> Any:
    """A value with every `Fn::If` evaluated; `AWS::NoValue` removes its property or item."""
    if isinstance(value, list):
        members = [_branch(member, conditions) for member in value]
        return [member for member in members if member is not _GONE]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::If"}:
        name, then, otherwise = value["Fn::If"]
        return _branch(then if conditions.hold(name) else otherwise, conditions)
    if value == {"Ref": "AWS::NoValue"}:
        return _GONE
    named = {name: _branch(member, conditions) for name, member in value.items()}
    return {name: member for name, member in named.items() if member is not _GONE}
