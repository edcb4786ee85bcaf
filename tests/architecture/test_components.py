"""Programs beside the project come from tests/components.py alone, which skips what lacks them."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import near_components
from tests.architecture.house import ROOT, TESTS, modules, short
from tests.architecture.near_components import IMPORTS
from tests.components import COMPONENTS, MARIADB, Component, install_command, not_tested

SOURCE = TESTS / "components.py"
USERS = sorted(
    {
        file.relative_to(TESTS).parts[0]
        for file in modules(TESTS)
        if IMPORTS.search(file.read_text()) and file.parent != TESTS
    }
    - {"architecture"}
)
"""The folders of the tests that need a component."""


def executables() -> frozenset[str]:
    """Every file name that a component's programs may have."""
    names = (names for component in COMPONENTS for names in component.programs.values())
    return frozenset(Path(name).name for several in names for name in several)


def texts(source: ast.AST) -> Iterator[ast.Constant]:
    """Every text of a file, but for what is asked of a component: `MARIADB.program("mariadbd")`."""
    for node in ast.iter_child_nodes(source):
        match node:
            case ast.Constant(value=str()):
                yield node
            case ast.Call(func=ast.Attribute(value=ast.Name(id=asked), attr="program")) if asked.isupper():
                pass
            case _:
                yield from texts(node)


def test_nothing_else_names_their_programs() -> None:
    # "curl" is also a word of the pages whose commands are run.
    programs = executables() - {"curl"}
    named = [
        f"{short(file)}:{text.lineno} {text.value!r}"
        for file in modules(TESTS)
        if file != SOURCE
        for text in texts(ast.parse(file.read_text()))
        if Path(str(text.value)).name in programs
    ]

    assert not named, f"ask tests/components.py for: {', '.join(named)}"


def test_nothing_else_looks_for_programs() -> None:
    looks = [
        short(file)
        for file in modules(TESTS)
        if file != SOURCE and re.search(r"\bshutil\.which\b|\bfrom shutil import", file.read_text())
    ]

    assert not looks, f"ask tests/components.py in {', '.join(looks)}"


def test_ci_installs_every_component() -> None:
    installed = (ROOT / ".ci" / "run").read_text()

    assert [one.name for one in COMPONENTS if f"needed+=({one.debian})" not in installed] == []


@pytest.mark.programs
def test_a_machine_without_them_skips_the_tests_that_need_them(tmp_path: Path) -> None:
    """Those suites, with a PATH that has all the rest of this machine."""
    for folder in os.environ["PATH"].split(os.pathsep):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if program.name not in executables() and not (tmp_path / program.name).is_symlink():
                (tmp_path / program.name).symlink_to(program)
    done = subprocess.run(
        # No unit test asks for a component (test_units.py), so none of them is run again.
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "programs"),
            *("-p", near_components.__name__, *(str(TESTS / folder) for folder in USERS)),
        ],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    for component in COMPONENTS:
        assert re.search(rf"^{re.escape(component.missing)}: \d+ tests skipped", done.stdout, re.MULTILINE)
    assert done.stdout.count(install_command()) == 1


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
@pytest.mark.parametrize("lacking", [0, -1])
def test_a_component_is_missing_if_any_of_its_programs_is(
    component: Component, lacking: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = list(component.programs)
    for program in programs:
        if program != programs[lacking]:
            (tmp_path / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("tests.components._SERVERS", "")

    with pytest.raises(pytest.skip.Exception, match=f"^{re.escape(component.missing)}$"):
        component.program(programs[0])


def test_the_end_of_a_run_has_a_line_for_each_reason() -> None:
    lines = list(not_tested([MARIADB.missing, "reads /proc", MARIADB.missing]))

    assert lines == [
        "MariaDB is not installed: 2 tests skipped (track's store on a real database)",
        f"Install all of them: {install_command()}",
        "reads /proc: 1 test skipped",
    ]
