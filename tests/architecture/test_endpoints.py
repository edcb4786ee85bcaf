"""An endpoint is four things that agree: its module, its entry in stack.yaml, its event, its test."""

import ast

import pytest

from gateway.endpoint import Endpoint
from gateway.system import Contract, System
from tests.architecture.house import (
    ALL,
    ENDPOINTS,
    EVENTS,
    FUNCTIONS,
    SHELLS,
    SYSTEMS,
    TEMPLATE,
    TESTS,
    Function,
    imports,
    modules,
    pascal,
    short,
)

each_function = pytest.mark.parametrize("function", ALL, ids=str)
each_endpoint = pytest.mark.parametrize("function", ENDPOINTS, ids=str)


@each_function
def test_the_handler_of_a_stanza_exists(function: Function) -> None:
    assert function.handler.endswith(".handler"), (
        f"{function}: Handler is {function.handler}; the exported name is always `handler`"
    )
    assert function.file.is_file(), (
        f"{function}: Handler {function.handler} wants {short(function.file)}, which does not exist"
    )
    assert callable(function.load()), f"{short(function.file)}: `handler` cannot be called"


@pytest.mark.parametrize("function", [one for one in ENDPOINTS if one.folder not in SHELLS], ids=str)
def test_the_handler_of_a_systems_endpoint_is_an_endpoint(function: Function) -> None:
    assert isinstance(function.load(), Endpoint), (
        f"{short(function.file)}: put @endpoint(…) of gateway.endpoint over `handler`"
    )


@each_endpoint
def test_a_stanza_is_named_after_its_endpoint(function: Function) -> None:
    name = TEMPLATE.prefixes.get(function.folder, pascal(function.folder)) + pascal(function.name)

    assert function.logical_id == name, f"{function} runs {function.handler}: name it {name}"


@each_endpoint
def test_an_endpoint_has_a_sample_event(function: Function) -> None:
    assert function.event.is_file(), f"write {short(function.event)}, a sample event for {function}"


@each_endpoint
def test_an_endpoint_has_a_test_of_its_own(function: Function) -> None:
    """A file of its name, or one that a few like it share."""
    shared = (file for file in modules(function.test.parent) if file.name.startswith("test_"))

    assert function.test.is_file() or any(function.module in imports(file) for file in shared), (
        f"write {short(function.test)}, the tests of {function}"
    )


def test_every_endpoint_module_has_a_stanza() -> None:
    deployed = {function.file for function in ALL}
    forgotten = [
        short(file)
        for folder in (*SYSTEMS, *SHELLS)
        for file in modules(FUNCTIONS / folder)
        if _exports_a_handler(file.read_text()) and file not in deployed
    ]

    assert not forgotten, f"no stack.yaml has an endpoint for {', '.join(forgotten)}: add one each"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_contract_of_its_own_is_an_endpoints(system: str) -> None:
    endpoints = {function.name for function in ENDPOINTS if function.folder == system}
    strays = System.named(system).by_endpoint.keys() - endpoints

    assert not strays, f"functions/{system}/system.py, by_endpoint: {', '.join(strays)} is no endpoint"


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_upstream_of_several_tasks_at_once_leaves_no_answer_to_check(system: str) -> None:
    found = System.named(system)
    checked = [each for each in (found.contract, *found.by_endpoint.values()) if each.check != Contract.check]

    assert not checked or found.upstream.at_once == 1, (
        f"functions/{system}/system.py: tasks sent together are not checked; let the upstream do it"
    )


def test_every_sample_event_is_an_endpoints() -> None:
    known = {function.event for function in ALL}
    # A batch's is of any of the system's doors; tests/gateway/test_batch.py sends it.
    known |= {EVENTS / route.system / "batch.json" for route in TEMPLATE.routes if route.is_door}
    strays = [short(file) for file in sorted(EVENTS.rglob("*.json")) if file not in known]

    assert not strays, f"no endpoint of template.yaml takes {', '.join(strays)}: rename or remove"


def test_a_systems_folders_have_its_name() -> None:
    for system in SYSTEMS:
        for folder in (EVENTS, TESTS):
            assert (folder / system).is_dir(), f"functions/{system} wants {short(folder / system)}, too"


def _exports_a_handler(source: str) -> bool:
    return any(
        (isinstance(statement, ast.FunctionDef) and statement.name == "handler")
        or (isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "handler")
        for statement in ast.parse(source).body
    )
