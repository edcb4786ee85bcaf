"""How files are named and opened, so that a newcomer finds an endpoint by its URL."""

import ast
import re

from tests.architecture.house import (
    BENCHMARKS,
    ENDPOINTS,
    FUNCTIONS,
    GATEWAY,
    ROOT,
    TESTS,
    TOOLS,
    modules,
    short,
)

DRAWERS = frozenset({"utils", "util", "helpers", "helper", "common", "misc"})
"""Names that say nothing of what is inside."""


def test_no_module_is_a_drawer() -> None:
    found = [
        short(file)
        for folder in (FUNCTIONS, GATEWAY, TOOLS, TESTS, BENCHMARKS)
        for file in modules(folder)
        if {part.removesuffix(".py") for part in file.relative_to(folder).parts} & DRAWERS
    ]

    assert not found, f"name {', '.join(found)} after the one idea that it holds"


def test_every_file_says_what_it_is_for() -> None:
    silent = []
    for folder in (FUNCTIONS, GATEWAY, TOOLS, TESTS, BENCHMARKS):
        for file in modules(folder):
            source = file.read_text()
            if source.strip() and not (ast.get_docstring(ast.parse(source)) or "").strip():
                silent.append(short(file))

    assert not silent, f"open {', '.join(silent)} with one line that says what the file is for"


def test_modules_are_in_snake_case() -> None:
    odd = [
        short(function.file) for function in ENDPOINTS if not re.fullmatch(r"[a-z][a-z0-9_]*", function.name)
    ]

    assert not odd


def test_the_documentation_lists_every_route() -> None:
    documented = (ROOT / "docs" / "endpoints.md").read_text()
    missing = [
        path
        for function in ENDPOINTS
        for path in function.paths
        if not re.search(rf"(?<![\w/}}]){re.escape(path)}(?![\w/{{+-])", documented)
    ]

    assert not missing, f"docs/endpoints.md lacks {', '.join(missing)}: run `make tables`"
