"""What template.yaml says: its routes, its settings, and what API Gateway answers by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from tools.places import TEMPLATE

FUNCTION = "AWS::Serverless::Function"
API = "AWS::Serverless::Api"
WORKER = "delivery.redeliver.handler"


@dataclass(frozen=True)
class Route:
    """One route of one function: `function` is its logical id, `handler` as Lambda takes it."""

    function: str
    handler: str
    method: str
    path: str

    @property
    def system(self) -> str:
        """The folder that the handler stands in: `onesignal`."""
        return self.handler.split(".")[0]

    @property
    def endpoint(self) -> str:
        """System and endpoint: `onesignal.new_session`."""
        return self.handler.removesuffix(".handler")


class Template:
    """template.yaml as data; an intrinsic function is a mapping of one key: `{"Ref": "Trax"}`."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """`data`: what YAML says."""
        self.data = data

    @classmethod
    def read(cls, path: Path = TEMPLATE) -> Self:
        """Read it from its file."""
        return cls(yaml.load(path.read_text(), _Loader))  # noqa: S506 - a SafeLoader with CloudFormation's tags

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """Every parameter by name."""
        found: Mapping[str, Mapping[str, Any]] = self.data["Parameters"]
        return found

    @property
    def functions(self) -> dict[str, Mapping[str, Any]]:
        """The functions' properties by logical id."""
        return {name: found["Properties"] for name, found in self._of_type(FUNCTION)}

    @property
    def routes(self) -> list[Route]:
        """Every route, in the template's order."""
        return [
            Route(name, function["Handler"], event["Properties"]["Method"], event["Properties"]["Path"])
            for name, function in self.functions.items()
            for event in function.get("Events", {}).values()
            if event["Type"] == "Api"
        ]

    @property
    def gateway_responses(self) -> Mapping[str, Mapping[str, Any]]:
        """API Gateway's own answers by response type, as SAM takes them."""
        ((_, api),) = self._of_type(API)
        found: Mapping[str, Mapping[str, Any]] = api["Properties"]["GatewayResponses"]
        return found

    @property
    def prefixes(self) -> dict[str, str]:
        """How the logical ids of each system begin: `{"onesignal": "OneSignal"}`."""
        workers = {
            name: function["Environment"]["Variables"]["SYSTEM"]
            for name, function in self.functions.items()
            if function["Handler"] == WORKER
        }
        return {system: name.removesuffix("Redeliver") for name, system in workers.items()}

    @property
    def secrets(self) -> dict[str, str]:
        """The logical id of each system's secret: `{"onesignal": "OneSignalSecret"}`."""
        return self._resources("_SECRET")

    @property
    def queues(self) -> dict[str, str]:
        """The logical id of each system's queue: `{"onesignal": "OneSignalQueue"}`."""
        return self._resources("_QUEUE")

    @property
    def settings(self) -> dict[str, str]:
        """Parameters by the environment variable that sets them, here as in the functions.

        `{"ONESIGNAL_URL": "OneSignalUrl"}`, and each system's switch: `{"TRAX": "Trax"}`.
        """
        plain = {name: value["Ref"] for name, value in self._variables.items() if _is_parameter(value)}
        switches = {
            name.upper(): name
            for name, parameter in self.parameters.items()
            if parameter.get("AllowedValues") == ["on", "off"] and f"{name.upper()}_QUEUE" in self._variables
        }
        return plain | switches

    def _resources(self, suffix: str) -> dict[str, str]:
        """Logical ids by system: `<SYSTEM>_SECRET: !If [OneSignalOn, !Ref OneSignalSecret, ""]`."""
        return {
            name.removesuffix(suffix).lower(): value["Fn::If"][1]["Ref"]
            for name, value in self._variables.items()
            if name.endswith(suffix)
        }

    def refusal(self, parameter: str, value: str) -> str | None:
        """Why a parameter may not have this value, or None; what CloudFormation would say, but at once."""
        rule = self.parameters[parameter]
        if "AllowedValues" in rule and value not in [str(allowed) for allowed in rule["AllowedValues"]]:
            return f"is not one of {', '.join(str(allowed) for allowed in rule['AllowedValues'])}"
        if "AllowedPattern" in rule and not re.fullmatch(rule["AllowedPattern"], value):
            return f"does not match {rule['AllowedPattern']}"
        if rule["Type"] == "Number" and not re.fullmatch(r"\d+(\.\d+)?", value):
            return "is not a number"
        lowest, highest = rule.get("MinValue"), rule.get("MaxValue")
        if (lowest is not None and float(value) < float(lowest)) or (
            highest is not None and float(value) > float(highest)
        ):
            return f"is not from {lowest} to {highest}"
        return None

    @property
    def _variables(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.data["Globals"]["Function"]["Environment"]["Variables"]
        return found

    def _of_type(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((name, found) for name, found in self.data["Resources"].items() if found["Type"] == kind)


def _is_parameter(value: object) -> bool:
    return isinstance(value, dict) and "Ref" in value and not value["Ref"].startswith("AWS::")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _intrinsic)
