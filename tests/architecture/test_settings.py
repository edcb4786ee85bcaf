"""Settings: what functions read is what the template sets, and every value that it allows can be read."""

import importlib
import re
from collections.abc import Iterator, Mapping

import pytest

from gateway.core.settings import Settings
from tests.architecture.house import ALL, FUNCTIONS, GATEWAY, SYSTEMS, TEMPLATE, Function, modules

SHARED: dict[str, object] = TEMPLATE.data["Globals"]["Function"]["Environment"]["Variables"]

VARIABLES: Mapping[str, object] = SHARED | {
    name: value
    for function in ALL
    for name, value in function.properties.get("Environment", {}).get("Variables", {}).items()
}

READ_BY_OTHERS = {
    "TRACKGATE_VERSION": "shows the release in Lambda's console",
    "POWERTOOLS_LOG_LEVEL": "aws-lambda-powertools",
    "POWERTOOLS_METRICS_NAMESPACE": "aws-lambda-powertools",
    "PYDANTIC_DISABLE_PLUGINS": "pydantic",
}
"""Variables that no Settings class reads, and what does."""

MAX_BYTES = 4096
FOR_LONG_LISTS = 400
"""Of these, what is left to origins, app ids and a database's address."""

LONGEST_ARN = 180
LONGEST_STACK = 60
LONGEST = {"AWS::SQS::Queue": 140, "AWS::DynamoDB::Table": LONGEST_STACK + 40}
"""A queue's URL, with its name of 80; a table's name, after a stack's."""


def _of(system: str) -> Settings:
    found = importlib.import_module(f"{system}.system").settings
    assert isinstance(found, Settings), f"functions/{system}/system.py: `settings` is its Settings.of(…)"
    return found


def _names(system: str, field: str) -> set[str]:
    return {f"{system}_{field}".upper(), field.upper()}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_systems_own_settings_are_in_the_template(system: str) -> None:
    own = set(type(_of(system)).model_fields) - set(Settings.model_fields)
    missing = {f"{system}_{field}".upper() for field in own if not _names(system, field) & set(VARIABLES)}

    assert not missing, (
        f"template.yaml: set {', '.join(missing)} in Globals, from a parameter with a description"
    )


def test_every_common_setting_can_be_set() -> None:
    missing = {
        field
        for field in Settings.model_fields
        if not any(_names(system, field) & set(VARIABLES) for system in SYSTEMS)
    }

    assert not missing, f"template.yaml sets {', '.join(missing)} for no system"


def test_every_variable_of_the_template_is_read() -> None:
    read = {
        name
        for system in SYSTEMS
        for field in type(_of(system)).model_fields
        for name in _names(system, field)
    }
    code = "\n".join(file.read_text() for folder in (FUNCTIONS, GATEWAY) for file in modules(folder))
    unread = {name for name in VARIABLES if name not in read and f'"{name}"' not in code}

    assert unread - set(READ_BY_OTHERS) == set(), "no function reads these variables of template.yaml"


def test_variables_that_others_read_are_in_the_template() -> None:
    assert set(READ_BY_OTHERS) <= set(VARIABLES), (
        "no longer set by template.yaml: strike it from READ_BY_OTHERS"
    )


def _values(parameter: str) -> list[str]:
    rule = TEMPLATE.parameters[parameter]
    return [str(value) for value in rule.get("AllowedValues", [rule["Default"]])]


def _allowed() -> Iterator[tuple[str, str]]:
    for name, parameter in TEMPLATE.settings.items():
        if name in VARIABLES:
            yield from ((name, value) for value in _values(parameter))


@pytest.mark.parametrize(("name", "value"), list(_allowed()))
def test_every_value_that_the_template_allows_can_be_read(name: str, value: str) -> None:
    for system in SYSTEMS:
        type(_of(system)).of(system, {name: value})


@pytest.mark.parametrize("parameter", TEMPLATE.parameters)
def test_every_parameter_says_what_it_is_for_and_has_a_default_that_it_takes(parameter: str) -> None:
    rule = TEMPLATE.parameters[parameter]

    assert re.fullmatch(r"[A-Z].*\.|[A-Z].*\)\.?", rule.get("Description", "").strip(), re.DOTALL), (
        f"template.yaml: give {parameter} a Description; docs/settings.md shows it"
    )
    assert TEMPLATE.refusal(parameter, str(rule["Default"])) is None


@pytest.mark.parametrize("function", ALL, ids=str)
def test_the_environment_stays_under_lambdas_limit(function: Function) -> None:
    variables = SHARED | function.properties.get("Environment", {}).get("Variables", {})
    size = sum(len(name) + _length(value) for name, value in variables.items())

    assert size < MAX_BYTES - FOR_LONG_LISTS, (
        f"{size} bytes with the defaults; Lambda takes {MAX_BYTES} in all"
    )


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
