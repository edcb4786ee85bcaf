"""template.yaml as data: its routes, its settings, and API Gateway's own responses."""

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
DOORS = "/batch/"
"""How the paths of batch doors begin."""

WORKER = "delivery.redeliver.handler"

PLAIN = frozenset({"EVENT_STORE"})
"""Settings of one system whose names in a local run do not contain the system's."""


@dataclass(frozen=True)
class Route:
    """One route of one function: `function` is its logical id, `handler` as Lambda takes it."""

    function: str
    handler: str
    method: str
    path: str

    @property
    def is_door(self) -> bool:
        """Whether it takes batches: `/batch/acme/new-session`."""
        return self.path.startswith(DOORS)

    @property
    def system(self) -> str:
        """The folder that the handler stands in: `acme`."""
        return self.handler.split(".")[0]

    @property
    def endpoint(self) -> str:
        """System and endpoint: `acme.new_session`."""
        return self.handler.removesuffix(".handler")


class Template:
    """template.yaml as data; an intrinsic function is a mapping of one key: `{"Ref": "Acme"}`."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """`data`: the parsed YAML."""
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
        """Every route, in the template's order, batch doors too."""
        return [
            Route(name, function["Handler"], event["Properties"]["Method"], event["Properties"]["Path"])
            for name, function in self.functions.items()
            for event in function.get("Events", {}).values()
            if event["Type"] == "Api"
        ]

    @property
    def gateway_responses(self) -> Mapping[str, Mapping[str, Any]]:
        """API Gateway's own responses by type, as SAM defines them."""
        ((_, api),) = self._of_type(API)
        found: Mapping[str, Mapping[str, Any]] = api["Properties"]["GatewayResponses"]
        return found

    @property
    def environments(self) -> dict[str, Mapping[str, Any]]:
        """What each system's functions read besides what all read: the variables of its worker."""
        workers = (found for found in self.functions.values() if found["Handler"] == WORKER)
        variables = (worker["Environment"]["Variables"] for worker in workers)
        return {found["SYSTEM"]: found for found in variables}

    @property
    def prefixes(self) -> dict[str, str]:
        """How the logical ids of each system begin: `{"acme": "Acme"}`."""
        return {system: queue.removesuffix("Queue") for system, queue in self.queues.items()}

    @property
    def secrets(self) -> dict[str, str]:
        """The logical id of each system's secret: `{"acme": "AcmeSecret"}`."""
        return self._resources("SECRET")

    @property
    def queues(self) -> dict[str, str]:
        """The logical id of each system's queue: `{"acme": "AcmeQueue"}`."""
        return self._resources("QUEUE")

    @property
    def settings(self) -> dict[str, str]:
        """Parameters by the environment variable that sets them in a local run.

        What all functions read has the same name there, `{"SEND_SECONDS": "SendSeconds"}`; what one system's
        read begins with its name, `{"ACME_URL": "AcmeUrl"}`; and each system has a switch,
        `{"ACME": "Acme"}`.
        """
        shared = self.data["Globals"]["Function"]["Environment"]["Variables"]
        named = dict(shared) | {
            name if name in PLAIN else f"{system.upper()}_{name}": value
            for system, variables in self.environments.items()
            for name, value in variables.items()
        }
        switches = {system.upper(): prefix for system, prefix in self.prefixes.items()}
        return {name: value["Ref"] for name, value in named.items() if self._is_parameter(value)} | switches

    def _resources(self, variable: str) -> dict[str, str]:
        """Logical ids by system: `SECRET: !Ref AcmeSecret`."""
        return {
            system: variables[variable]["Ref"]
            for system, variables in self.environments.items()
            if variable in variables
        }

    def _is_parameter(self, value: object) -> bool:
        return isinstance(value, dict) and value.get("Ref") in self.parameters

    def refusal(self, parameter: str, value: str) -> str | None:
        """Why a parameter must not have this value, or None: what CloudFormation would find out later."""
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
            return f"is less than {lowest}" if highest is None else f"is not from {lowest} to {highest}"
        return None

    def _of_type(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((name, found) for name, found in self.data["Resources"].items() if found["Type"] == kind)


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
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
