"""What the template allows each function: its role's statements, resolved to actions on logical ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from tests.conformity.traffic import Use
from tools.template.reader import Template

LAMBDA_ITSELF = frozenset({"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"})
"""What Lambda does by a worker's role when it polls the worker's queue; the worker itself need not.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
"""


def conditions(template: Template, parameters: Mapping[str, str]) -> set[str]:
    """The template's conditions that hold with these parameters, others at their defaults."""
    values = {name: str(found.get("Default", "")) for name, found in template.parameters.items()}
    rules: Mapping[str, Any] = template.data["Conditions"]

    def holds(rule: Any) -> bool:
        ((kind, given),) = rule.items()
        match kind:
            case "Condition":
                return holds(rules[given])
            case "Fn::Not":
                return not holds(given[0])
            case "Fn::And":
                return all(holds(each) for each in given)
            case "Fn::Or":
                return any(holds(each) for each in given)
            case "Fn::Equals":
                left, right = (value(each) for each in given)
                return left == right
        raise ValueError(f"unknown condition {kind}")

    def value(given: Any) -> str:
        if isinstance(given, dict):
            return (values | dict(parameters))[given["Ref"]]
        return str(given)

    return {name for name, rule in rules.items() if holds(rule)}


def allowed(template: Template, true: Set[str]) -> dict[str, set[Use]]:
    """What the functions that exist under these conditions may do, by their logical ids."""
    found: dict[str, set[Use]] = {}
    for name, properties in template.functions.items():
        if template.data["Resources"][name].get("Condition") not in (None, *true):
            continue
        found[name] = {
            use
            for policy in properties.get("Policies", [])
            for statement in policy["Statement"]
            for use in _uses(_chosen(statement, true))
        }
    return found


def _uses(statement: Mapping[str, Any]) -> Iterator[Use]:
    if statement == {"Ref": "AWS::NoValue"}:
        return
    if statement["Effect"] != "Allow" or not {"Action", "Resource"} >= statement.keys() - {"Effect", "Sid"}:
        raise ValueError(f"not understood: {statement}")
    for action in _list(statement["Action"]):
        for resource in _list(statement["Resource"]):
            yield Use(action, _logical_id(resource))


def _chosen(value: Any, true: Set[str]) -> Any:
    while isinstance(value, dict) and "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        value = then if condition in true else otherwise
    return value


def _logical_id(resource: Any) -> str:
    match resource:
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": str(name)}:
            return name.removesuffix(".Arn")
        case {"Fn::GetAtt": [name, "Arn"]}:
            return str(name)
    raise ValueError(f"not understood: {resource}")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
