"""Who may import whom: the gateway downwards only, systems the gateway alone, nobody the tools."""

import itertools

import pytest

from tests.architecture.house import FUNCTIONS, GATEWAY, SHELLS, SYSTEMS, imports, modules, short

LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"endpoint", "worker"}),
    frozenset({"system"}),
    frozenset({"delivery"}),
    frozenset({"protocol"}),
    frozenset({"records", "breaker", "queue", "http", "forget", "identity"}),
    frozenset({"once"}),
    frozenset({"aws", "secrets", "keys"}),
    frozenset({"exchange", "cors", "form"}),
    frozenset({"request", "validate", "fields", "settings", "telemetry"}),
    frozenset({"call", "wire", "answer", "errors", "clock"}),
)
"""The gateway from the handlers down to the plain values. A module imports from its own level and below."""

LEVEL = {name: number for number, names in enumerate(LEVELS) for name in names}


def _graph() -> dict[str, set[str]]:
    return {
        file.stem: {
            name.split(".")[1]
            for name in imports(file)
            if name.startswith("gateway.") and name.split(".")[1] in LEVEL
        }
        for file in modules(GATEWAY)
        if file.stem != "__init__"
    }


def test_every_module_of_the_gateway_has_its_level() -> None:
    new = [short(file) for file in modules(GATEWAY) if file.stem not in {*LEVEL, "__init__"}]

    assert not new, f"say in LEVELS of {short(_HERE)} where {', '.join(new)} stands"


def test_the_gateway_imports_downwards_only() -> None:
    upwards = [
        f"gateway.{name} imports gateway.{other}"
        for name, others in _graph().items()
        for other in others
        if name in LEVEL and LEVEL[other] < LEVEL[name]
    ]

    assert not upwards, f"{'; '.join(upwards)}: move what is shared further down"


def test_the_gateway_imports_in_no_circle() -> None:
    graph = _graph()
    reached = {name: set(others) for name, others in graph.items()}
    for between, start in itertools.product(graph, graph):
        if between in reached[start]:
            reached[start] |= reached[between]

    assert [name for name in graph if name in reached[name]] == []


def test_the_gateway_knows_no_system() -> None:
    above = {*SYSTEMS, *SHELLS, "functions", "tools", "tests"}
    found = [
        f"{short(file)} imports {name}"
        for file in modules(GATEWAY)
        for name in imports(file)
        if name.split(".")[0] in above
    ]

    assert not found, f"{'; '.join(found)}: what differs by system is a part of gateway.system.System"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_knows_the_gateway_and_itself(system: str) -> None:
    others = ({*SYSTEMS, *SHELLS} - {system}) | {"tools", "tests"}
    found = [
        f"{short(file)} imports {name}"
        for file in modules(FUNCTIONS / system)
        for name in imports(file)
        if name.split(".")[0] in others
    ]

    assert not found, f"{'; '.join(found)}: what two systems share belongs into gateway/"


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_what_is_no_systems_takes_a_systems_value_and_no_endpoint(shell: str) -> None:
    found = [
        f"{short(file)} imports {name}"
        for file in modules(FUNCTIONS / shell)
        for name in imports(file)
        if name.split(".")[0] in {*SYSTEMS, "tools", "tests"} and name.split(".")[1] != "system"
    ]

    assert not found, f"{'; '.join(found)}: importing an endpoint runs its INIT here, too"


_HERE = FUNCTIONS.parent / "tests" / "architecture" / "test_directions.py"
