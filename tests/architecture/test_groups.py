"""Tests that share something costly run in one process; a release of pytest has lost that silently."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.groups import LONG, SECOND, placed
from tools.places import ROOT


@pytest.mark.programs
@pytest.mark.parametrize("group", ["one", None])
def test_a_group_stays_in_one_process(tmp_path: Path, group: str | None) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_collection_modifyitems(items):\n"
        f"    for item in items if {group!r} else ():\n"
        f"        item.add_marker(pytest.mark.xdist_group({group!r}))\n"
    )
    (tmp_path / "test_sample.py").write_text(
        "import time\n\nimport pytest\n\n\n"
        "@pytest.mark.parametrize('number', range(8))\n"
        "def test_sample(number):\n"
        "    time.sleep(0.05)\n"
    )

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-v", "-n", "2", "--dist", "loadgroup"),
            # Plugins that are of no use here cost each process a second.
            *("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    workers = set(re.findall(r"^\[(gw\d)\] .*PASSED", done.stdout, re.MULTILINE))
    assert done.returncode == 0, done.stdout
    assert len(workers) == (1 if group else 2)


def test_each_file_that_is_named_is_there() -> None:
    assert [name for name in (*LONG, *SECOND) if not (ROOT / "tests" / name).exists()] == []


@pytest.mark.parametrize(
    ("path", "fixtures", "group"),
    [
        ("deployment/test_api.py", {"local"}, "local"),
        ("deployment/test_local_run.py", set(), "deployment"),
        ("deployment/test_stages.py", {"local"}, "second"),
        ("proofs/faults/test_prove.py", set(), "faults"),
        ("template/test_lint.py", set(), ""),
    ],
)
def test_a_test_has_the_group_of_what_it_shares(path: str, fixtures: set[str], group: str) -> None:
    assert placed(path, fixtures).group == group


def test_what_is_long_starts_first() -> None:
    long, short = (f"proofs/faults/test_{name}.py" for name in ("prove", "judge"))

    assert placed(long, set()).turn < placed(short, set()).turn
