"""Settings: what functions read is what the template sets, and every value that it allows can be read."""

import importlib
import re
from collections.abc import Iterator, Mapping

import pytest

from gateway.core.settings import Settings
from tests.architecture.house import ALL, FUNCTIONS, GATEWAY, SYSTEMS, TEMPLATE, WORKERS, Function, modules

SHARED: dict[str, object] = TEMPLATE.data["Globals"]["Function"]["Environment"]["Variables"]

VARIABLES: Mapping[str, object] = {
    name: value
    for variables in (SHARED, *TEMPLATE.environments.values())
    for name, value in variables.items()
}

READ_BY_OTHERS = {
    "TRACKGATE_VERSION": "shows the release in Lambda's console",
    "POWERTOOLS_LOG_LEVEL": "aws-lambda-powertools",
    "POWERTOOLS_METRICS_NAMESPACE": "gateway/core/telemetry.py, by the name that it has in AWS's Powertools",
    "PYDANTIC_DISABLE_PLUGINS": "pydantic",
}
"""Variables that no Settings class reads, and what does."""

MAX_BYTES = 1500
"""Lambda takes 4,096; the rest is left to long lists of origins and app ids, and to a database's address."""

OF_A_WORKER = {"SYSTEM", "DEAD_LETTERS"}

LONGEST_ARN = 180
LONGEST_STACK = 60
LONGEST = {"AWS::SQS::Queue": 140, "AWS::DynamoDB::Table": LONGEST_STACK + 40}
"""A queue's URL, with its name of 80; a table's name, after a stack's."""


def _of(system: str) -> Settings:
    found = importlib.import_module(f"{system}.system").settings
    assert isinstance(found, Settings), f"functions/{system}/system.py: `settings` is its Settings.of(…)"
    return found


def _fields(system: str) -> set[str]:
    return {field.upper() for field in type(_of(system)).model_fields}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_systems_own_settings_are_in_the_template(system: str) -> None:
    own = _fields(system) - {field.upper() for field in Settings.model_fields}
    missing = own - TEMPLATE.environments[system].keys()

    assert not missing, (
        f"functions/{system}/stack.yaml: set {', '.join(missing)} from a parameter with a description"
    )


def test_every_common_setting_can_be_set() -> None:
    missing = {field for field in Settings.model_fields if field.upper() not in VARIABLES}

    assert not missing, f"template.yaml sets {', '.join(missing)} for no system"


@pytest.mark.parametrize("function", ALL, ids=str)
def test_a_function_has_its_own_systems_settings_and_no_others(function: Function) -> None:
    own = set(_own(function))
    if function.system is None:
        assert own == set()
        return

    assert own - _fields(function.system) - {"SYSTEM"} == set(), f"{function} does not read these"
    assert own - OF_A_WORKER == TEMPLATE.environments[function.system].keys() - OF_A_WORKER
    assert (own & OF_A_WORKER == OF_A_WORKER) == (function in WORKERS)


@pytest.mark.parametrize("name", SHARED)
def test_what_all_functions_have_is_every_systems(name: str) -> None:
    read = name in READ_BY_OTHERS or name.lower() in Settings.model_fields

    assert read, "no function reads this variable of template.yaml"
    assert not any(name in variables for variables in TEMPLATE.environments.values())


def test_variables_that_others_read_are_in_the_template() -> None:
    assert set(READ_BY_OTHERS) <= set(VARIABLES), (
        "no longer set by template.yaml: strike it from READ_BY_OTHERS"
    )


def _values(parameter: str) -> list[str]:
    rule = TEMPLATE.parameters[parameter]
    return [str(value) for value in rule.get("AllowedValues", [rule["Default"]])]


def _allowed() -> Iterator[tuple[str, str, str]]:
    for system, own in TEMPLATE.environments.items():
        for name, value in (SHARED | dict(own)).items():
            if isinstance(value, dict) and value.get("Ref") in TEMPLATE.parameters:
                yield from ((system, name, allowed) for allowed in _values(value["Ref"]))


@pytest.mark.parametrize(("system", "name", "value"), list(_allowed()))
def test_every_value_that_the_template_allows_can_be_read(system: str, name: str, value: str) -> None:
    type(_of(system)).of({name: value})


@pytest.mark.parametrize("parameter", TEMPLATE.parameters)
def test_every_parameter_says_what_it_is_for_and_has_a_default_that_it_takes(parameter: str) -> None:
    rule = TEMPLATE.parameters[parameter]

    assert re.fullmatch(r"[A-Z].*\.|[A-Z].*\)\.?", rule.get("Description", "").strip(), re.DOTALL), (
        f"template.yaml: give {parameter} a Description; docs/settings.md shows it"
    )
    assert TEMPLATE.refusal(parameter, str(rule["Default"])) is None


@pytest.mark.parametrize("function", ALL, ids=str)
def test_the_environment_leaves_room_under_lambdas_limit(function: Function) -> None:
    variables = {**SHARED, **_own(function)}
    size = sum(len(name) + _length(value) for name, value in variables.items())

    assert size < MAX_BYTES, f"{size} bytes with the defaults"


def _own(function: Function) -> Mapping[str, object]:
    found: Mapping[str, object] = function.properties.get("Environment", {}).get("Variables", {})
    return found


def _length(value: object) -> int:
    if isinstance(value, dict) and value.get("Ref") in TEMPLATE.parameters:
        rule = TEMPLATE.parameters[value["Ref"]]
        return max(len(str(text)) for text in [rule["Default"], *rule.get("AllowedValues", [])])
    if not isinstance(value, dict):
        return len(str(value))
    if value == {"Ref": "AWS::StackName"}:
        return LONGEST_STACK
    named = value.get("Ref") or value.get("Fn::If", [None, {}])[1].get("Ref")
    return LONGEST.get(TEMPLATE.data["Resources"].get(named, {}).get("Type"), LONGEST_ARN)


def test_nothing_waits_less_than_in_earnest_unless_a_proof_says_so() -> None:
    assert SHARED["RETRY_SCALE"] == {"Ref": "RetryScale"}
    assert TEMPLATE.parameters["RetryScale"]["Default"] == 1


def test_no_variable_carries_a_credential() -> None:
    secretive = re.compile(r"PASSWORD|TOKEN|CREDENTIAL|API_KEY$")

    assert [name for name in VARIABLES if secretive.search(name)] == [], "credentials live in Secrets Manager"


def test_nothing_reads_the_environment_that_the_template_does_not_set() -> None:
    runtime = re.compile(r"AWS_\w+|_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_TASK_ROOT")
    reads = re.compile(r'environ(?:\.get\(|\[)\s*"(\w+)"')
    unknown = {
        name
        for folder in (FUNCTIONS, GATEWAY)
        for file in modules(folder)
        for name in reads.findall(file.read_text())
        if name not in VARIABLES and not runtime.fullmatch(name)
    }

    assert not unknown, f"template.yaml does not set {', '.join(unknown)}"
