"""Who may import whom: the gateway downwards only, systems the gateway alone, nobody the tools."""

import itertools
from pathlib import Path

import pytest

from tests.architecture.house import FUNCTIONS, GATEWAY, SHELLS, SYSTEMS, imports, modules, short

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"endpoint"}),
    frozenset({"batch"}),
    frozenset({"system"}),
    frozenset({"inbound", "delivery"}),
    frozenset({"outbound"}),
    frozenset({"core"}),
)
"""The rooms of gateway/, from the handlers down to plain values. A room imports from the floors below it;
two rooms on one floor know nothing of each other."""

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def _name(file: Path) -> str:
    return ".".join(file.relative_to(GATEWAY).with_suffix("").parts)


MODULES = {_name(file) for file in modules(GATEWAY) if file.stem != "__init__"}


def _graph() -> dict[str, set[str]]:
    """What each module of the gateway imports of it: `delivery.queue` → {`core.task`, …}."""
    return {
        _name(file): {
            module
            for name in imports(file)
            for module in MODULES
            if f"{name}.".startswith(f"gateway.{module}.")
        }
        for file in modules(GATEWAY)
        if file.stem != "__init__"
    }


def _room(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_of_the_gateway_stands_in_a_room() -> None:
    assert {_room(module) for module in MODULES} == set(FLOOR)


def test_the_gateway_imports_downwards_only() -> None:
    upwards = [
        f"gateway.{module} imports gateway.{other}"
        for module, others in _graph().items()
        for other in others
        if _room(module) != _room(other) and FLOOR[_room(other)] <= FLOOR[_room(module)]
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


def test_data_classes_are_the_gateways_own() -> None:
    """See gateway/core/data.py: those of dataclasses cost a cold start three times as much."""
    assert not [
        short(file)
        for folder in (GATEWAY, FUNCTIONS)
        for file in sorted(folder.rglob("*.py"))
        if "dataclasses.dataclass" in imports(file) and file != GATEWAY / "core" / "data.py"
    ]
