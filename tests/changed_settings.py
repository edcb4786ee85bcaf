"""Gives functions of a running local stack other settings for a while, as a deployment would."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.architecture.house import ALL
from tools.local.stack import LocalStack


@contextmanager
def changed_settings(stack: LocalStack, by_function: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """`by_function`: variables that replace those of a function, by its logical id."""
    functions = stack.client("lambda")
    before = {}
    for logical_id, changed in by_function.items():
        name = stack.deployed.resources[logical_id]
        found = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        before[name] = found
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": found | changed})
    try:
        yield
    finally:
        for name, variables in before.items():
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def for_systems(by_system: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """The same variables for every function of a system, by logical id."""
    return {
        function.logical_id: by_system[function.system]
        for function in ALL
        if function.system is not None and by_system.get(function.system)
    }
