"""What AWS makes of the template's functions: settings, roles, and what each may reach."""

import json
from typing import Any

import requests

from tests.architecture.house import ALL, TEMPLATE, Function
from tests.deployment.test_api import of_type
from tools.local.stack import LocalStack

MANAGED_BY_SAM = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
}
"""The two policies that SAM attaches: logs and traces. They hold wildcards since a trace has no name of its
own, and a log stream's is made when it is first written."""

IN_A_VPC = {"arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}
"""What SAM attaches to a function that may be put into a VPC: Lambda makes its network interfaces, which have
no name before."""


def function_named(logical_id: str) -> Function:
    (function,) = (one for one in ALL if one.logical_id == logical_id)
    return function


def test_the_environment_stays_under_lambdas_limit(local: LocalStack) -> None:
    for function in TEMPLATE.functions:
        name = local.deployed.resources[function]
        settings = local.client("lambda").get_function_configuration(FunctionName=name)
        variables = settings["Environment"]["Variables"]

        # 4,096 bytes, and room for addresses longer than those of a local run.
        assert sum(len(name) + len(value) for name, value in variables.items()) < 3_000


def test_every_function_runs_as_the_design_says(local: LocalStack) -> None:
    for function, properties in TEMPLATE.functions.items():
        name = local.deployed.resources[function]
        settings = local.client("lambda").get_function_configuration(FunctionName=name)

        assert settings["Runtime"] == "python3.13"
        assert settings["Handler"] == properties["Handler"]
        assert settings["TracingConfig"] == {"Mode": "Active"}
        assert settings["MemorySize"] >= 512
        assert settings["Timeout"] <= (29 if properties.get("Events") else 60)
        assert settings["LoggingConfig"]["LogFormat"] == "JSON"
        assert settings["LoggingConfig"]["LogGroup"] == local.deployed.outputs["FunctionLogGroup"]


def test_every_function_has_a_role_of_its_own(transformed: dict[str, Any]) -> None:
    functions = of_type(transformed, "AWS::Lambda::Function")
    roles = [json.dumps(found["Properties"]["Role"]) for found in functions.values()]

    assert len(functions) == len(TEMPLATE.functions)
    assert len(set(roles)) == len(roles)


def test_a_role_reaches_its_own_systems_secret_and_nothing_by_wildcard(transformed: dict[str, Any]) -> None:
    secrets = TEMPLATE.secrets
    for function, properties in TEMPLATE.functions.items():
        role = transformed["Resources"][f"{function}Role"]["Properties"]
        statements = [
            statement
            for policy in role.get("Policies", [])
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        reached = [statement["Resource"] for statement in statements if "secretsmanager" in str(statement)]
        own = secrets.get(function_named(function).system or "")

        assert set(role["ManagedPolicyArns"]) <= MANAGED_BY_SAM | (
            IN_A_VPC if "VpcConfig" in properties else set()
        )
        assert "*" not in json.dumps(statements)
        assert reached == ([{"Ref": own}] if own else [])


def test_secrets_outlive_the_stack_and_hold_nothing_of_the_template(transformed: dict[str, Any]) -> None:
    secrets = of_type(transformed, "AWS::SecretsManager::Secret")

    assert set(secrets) == set(TEMPLATE.secrets.values())
    for secret in secrets.values():
        assert secret["DeletionPolicy"] == "Retain"
        assert json.loads(secret["Properties"]["SecretString"]) == {"credentials": {}, "client_keys": []}
        assert "Name" not in secret["Properties"]


def test_no_function_has_a_secret_in_its_environment(local: LocalStack) -> None:
    for function in TEMPLATE.functions:
        name = local.deployed.resources[function]
        settings = local.client("lambda").get_function_configuration(FunctionName=name)

        assert "credential" not in json.dumps(settings["Environment"])


def test_the_workers_share_their_layers(local: LocalStack) -> None:
    """MiniStack by itself unpacks a layer for each worker."""
    requests.post(f"{local.url}/onesignal/track-open/", data="{}", timeout=60)
    unpacked = list(local.places.scratch.glob("ministack-lambda-*/layer_*[0-9]"))

    assert unpacked
    assert all(layer.is_symlink() for layer in unpacked)
