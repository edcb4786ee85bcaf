"""The stack that a command works on, on AWS or on this machine: its outputs, parameters and clients."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Self

import boto3
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ParamValidationError  # type: ignore[import-untyped]

from tools.deploy.named import where_it_is
from tools.errors import CommandError
from tools.failures.aws import Failures, code, explained
from tools.local.aws import LocalAws
from tools.local.deploy import STACK
from tools.programs.environment import given

_TIMEOUTS = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})
_QUEUE = "queueurl"
_SOURCE = "redeliversource"
_WHY_NONE = {"secret": ": it needs neither a credential nor client keys"}


class NoStack(CommandError):
    """There is no stack of that name in that region."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A deployed stack. `client` makes a boto3 client for a service's name."""

    name: str
    client: Callable[[str], Any]
    outputs: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    local: bool = False

    @classmethod
    def open(cls, name: str, *, region: str | None = None, local: bool = False) -> Self:
        """A stack in the account of boto3's ordinary credentials, or that of `make local`.

        The local AWS is expected at port `AWS_PORT`, as for `make local`. Raises NoStack if there is no
        such stack, CommandError.
        """
        if not name:
            raise CommandError("The stack's name is empty: set --stack or TRACKGATE_STACK")
        client: Callable[[str], Any]
        where = "on the local AWS"
        if local:
            client = _local_aws().client
        else:
            # The AWS CLI and AWS's shells use AWS_REGION; boto3 alone ignores it.
            session = boto3.Session(region_name=region or os.environ.get("AWS_REGION") or None)
            client, where = partial(session.client, config=_TIMEOUTS), f"in {session.region_name}"
        try:
            (found,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except Failures as error:
            if code(error) == "ValidationError" or isinstance(error, ParamValidationError):
                do = "wait until `make local` says ready" if local else where_it_is(name)
                raise NoStack(f"There is no stack {name} {where}: {do}") from error
            raise CommandError(explained(error, local=local)) from error
        return cls(
            name=name,
            client=client,
            local=local,
            outputs={each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])},
            parameters={
                each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])
            },
        )

    @property
    def option(self) -> str:
        """The option that names it in a command."""
        return "--local" if self.local else f"--stack {self.name}"

    @property
    def systems(self) -> list[str]:
        """The systems that are on, by the names of their folders: `acme`."""
        return [name.removesuffix(_QUEUE) for name in self._outputs if name.endswith(_QUEUE)]

    @property
    def metrics(self) -> str:
        """The CloudWatch namespace of its metrics; stacks of 0.1.0 name none, and share one."""
        return self.outputs.get("MetricsNamespace", "Trackgate")

    def queue(self, system: str) -> str:
        """The URL of a system's queue. Raises CommandError."""
        return self._output(system, "QueueUrl", "queue")

    def dead_letters(self, system: str) -> str:
        """The URL of a system's dead-letter queue. Raises CommandError."""
        return self._output(system, "DeadLettersUrl", "dead letters")

    def records(self, system: str) -> str:
        """The name of a system's idempotency table. Raises CommandError."""
        return self._output(system, "RecordsName", "records")

    def has_records(self, system: str) -> bool:
        """Whether a system has one."""
        return f"{system}recordsname" in self._outputs

    def secret(self, system: str) -> str:
        """The ARN of a system's secret. Raises CommandError."""
        return self._output(system, "SecretArn", "secret")

    def has_secret(self, system: str) -> bool:
        """Whether a system has one; not all have credentials or client keys."""
        return f"{system}secretarn" in self._outputs

    def event_source(self, system: str) -> str:
        """The UUID of the event source that passes a system's queue to its worker. Raises CommandError."""
        self.chosen([system])
        for name, uuid in self.of_type("AWS::Lambda::EventSourceMapping").items():
            if name.lower() == f"{system}{_SOURCE}":
                return uuid
        raise CommandError(f"{system} has no event source in {self.name}")

    @cached_property
    def resources(self) -> dict[str, tuple[str, str]]:
        """Type and physical id of each resource, by logical id."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            found["LogicalResourceId"]: (found["ResourceType"], found.get("PhysicalResourceId", ""))
            for page in pages.paginate(StackName=self.name)
            for found in page["StackResourceSummaries"]
        }

    def of_type(self, kind: str) -> dict[str, str]:
        """Physical ids of the resources of a type, by logical id."""
        return {name: id for name, (found, id) in self.resources.items() if found == kind}

    def chosen(self, systems: list[str]) -> list[str]:
        """These systems, or all if none is given. Raises CommandError for an unknown one."""
        if not self.systems:
            raise CommandError(f"The stack {self.name} has no systems: is it a Trackgate stack?")
        for system in systems:
            if system not in self.systems:
                raise CommandError(
                    f"The stack {self.name} has no system {system}, only {', '.join(self.systems)}"
                )
        return systems or self.systems

    def parameter(self, system: str, name: str) -> str:
        """A system's parameter, empty if there is none: `parameter("acme", "Url")`."""
        wanted = f"{system}{name}".lower()
        return next((value for key, value in self.parameters.items() if key.lower() == wanted), "")

    @property
    def _outputs(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.outputs.items()}

    def _output(self, system: str, suffix: str, what: str) -> str:
        self.chosen([system])
        if found := self._outputs.get(f"{system}{suffix}".lower()):
            return found
        raise CommandError(f"{system} has no {what} in {self.name}{_WHY_NONE.get(what, '')}")


def _local_aws() -> LocalAws:
    port = given(os.environ, "AWS_PORT", "4566")
    if re.fullmatch("[0-9]{1,5}", port) is None or not 0 < int(port) < 65536:
        raise CommandError(f"AWS_PORT={port} is not a port: set the one that `make local` uses")
    return LocalAws(f"http://127.0.0.1:{port}")


DEFAULT_STACK = STACK
