"""The services that the gateway calls, as botocore's own models and data describe them.

botocore is a dependency of tests and tools only; this keeps `gateway.outbound.aws` in step with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session  # type: ignore[import-untyped]
from botocore.retries.standard import (  # type: ignore[import-untyped]
    ThrottledRetryableChecker,
    TransientRetryableChecker,
)

from gateway.outbound import aws
from tools.places import ROOT

SERVICES = tuple(sorted(aws.TARGETS))
DEPLOYED = (ROOT / "layers/shared/gateway", ROOT / "functions")


@dataclass(frozen=True, order=True)
class Action:
    """An operation of a service: `Action("sqs", "SendMessage")`."""

    service: str
    name: str

    def __str__(self) -> str:
        """As IAM writes it."""
        return f"{self.service}:{self.name}"


@cache
def session() -> Any:
    """botocore's session: its loader and models, no credentials needed."""
    return botocore.session.Session()


@cache
def model(service: str) -> Any:
    """botocore's ServiceModel."""
    return session().get_service_model(service)


def retried_codes() -> set[str]:
    """The error codes that botocore itself retries for the four services, from its lists and models."""
    loader = session().get_component("data_loader")
    retry = loader.load_data("_retry")
    policies = dict(retry["retry"]["__default__"]["policies"])
    for service in SERVICES:
        policies |= retry["retry"].get(service, {}).get("__default__", {}).get("policies", {})
    rules = [retry["definitions"][rule["$ref"]] if "$ref" in rule else rule for rule in policies.values()]
    answers = [rule["applies_when"].get("response", {}) for rule in rules]
    marked = {
        shape.name
        for service in SERVICES
        for shape in model(service).error_shapes
        if shape.metadata.get("retryable") is not None
    }
    return {
        *(answer["service_error_code"] for answer in answers if "service_error_code" in answer),
        *ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
        *TransientRetryableChecker._TRANSIENT_ERROR_CODES,
        *marked,
    }


def modelled_errors(action: Action) -> set[str]:
    """The errors that the service's model gives an operation."""
    return {shape.name for shape in model(action.service).operation_model(action.name).error_shapes}


@cache
def called() -> frozenset[Action]:
    """The operations that deployed code names, with their service."""
    return frozenset(
        action for folder in DEPLOYED for file in folder.rglob("*.py") for action in _named(file)
    )


def _named(file: Path) -> Iterator[Action]:
    """String constants of a file that name a service and one of its operations."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for service in texts.intersection(SERVICES):
        yield from (Action(service, name) for name in texts.intersection(model(service).operation_names))
