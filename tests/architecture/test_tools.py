"""How the tools import each other: no circles, neither between packages nor between modules."""

import graphlib

import pytest

from tests.architecture.house import ROOT, TOOLS, imports, modules

MODULES = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in modules(TOOLS)}


def _module(name: str) -> str | None:
    """The module that an imported name is, or stands in: `tools.errors.CommandError` → `tools.errors`."""
    while name and name not in MODULES:
        if f"{name}.__init__" in MODULES:
            return f"{name}.__init__"
        name = name.rpartition(".")[0]
    return name or None


def _package(module: str) -> str:
    """`tools.local`, or `tools.errors` for a module of its own.

    A program's `__main__` is a package by itself: it puts others together, and nothing imports it.
    tools/systems is no package in this sense: a system's folder holds its share of several tools.
    """
    if module.endswith(".__main__"):
        return module
    parts = module.removesuffix(".__init__").split(".")
    return ".".join(parts if parts[1:2] == ["systems"] else parts[:2])


IMPORTS = {
    name: {found for imported in imports(file) if (found := _module(imported))} - {name}
    for name, file in MODULES.items()
}


def _assert_no_circle(graph: dict[str, set[str]]) -> None:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"{' ← '.join(error.args[1])}: move what they share further down")


def test_modules_import_in_no_circle() -> None:
    _assert_no_circle(IMPORTS)


def test_packages_import_in_no_circle() -> None:
    packages: dict[str, set[str]] = {}
    for module, others in IMPORTS.items():
        packages.setdefault(_package(module), set()).update(map(_package, others))

    _assert_no_circle({package: others - {package} for package, others in packages.items()})
