"""Who may do what: every function has a role of its own, which names each thing that it may reach."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.architecture.house import ALL, TEMPLATE, Function

each_function = pytest.mark.parametrize("function", ALL, ids=str)


def _statements(function: Function) -> Iterator[dict[str, Any]]:
    for policy in function.properties.get("Policies", []):
        assert "Statement" in policy, (
            f"{function}: write {policy} out as statements, so that one can see them"
        )
        for statement in policy["Statement"]:
            # `!If [condition, statement, !Ref AWS::NoValue]`
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


@each_function
def test_its_role_is_its_own(function: Function) -> None:
    assert "Role" not in function.properties, f"{function}: without `Role`, SAM makes one for it alone"
    assert "Role" not in TEMPLATE.data["Globals"]["Function"]


@each_function
def test_it_reaches_named_things_only(function: Function) -> None:
    for statement in _statements(function):
        assert "*" not in json.dumps([statement["Action"], statement["Resource"]]), (
            f"{function}: {statement} reaches more than it names"
        )
        assert statement["Effect"] == "Allow"


@each_function
def test_it_reads_its_own_systems_secret_alone(function: Function) -> None:
    own = TEMPLATE.secrets.get(function.system or "")
    read = [one["Resource"] for one in _statements(function) if "secretsmanager" in json.dumps(one["Action"])]

    assert all(resource == {"Ref": own} for resource in read), f"{function} may read {read}, not only {own}"
    if own and function.routes:
        assert read, f"{function}: allow secretsmanager:GetSecretValue on !Ref {own}"


def test_every_secret_is_a_systems_and_is_kept() -> None:
    secrets = {
        name: found
        for name, found in TEMPLATE.data["Resources"].items()
        if found["Type"] == "AWS::SecretsManager::Secret"
    }

    assert set(TEMPLATE.secrets.values()) <= set(secrets)
    for name, found in secrets.items():
        assert found.get("DeletionPolicy") == found.get("UpdateReplacePolicy") == "Retain", (
            f"template.yaml: {name} holds what a vendor shows once; retain it"
        )
