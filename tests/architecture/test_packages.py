"""What a function imports is in its layers; what would slow a cold start is in none of them."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.house import (
    ENDPOINTS,
    FUNCTIONS,
    GATEWAY,
    ROOT,
    SHELLS,
    SYSTEMS,
    imports,
    modules,
    short,
)

SLOW = ("boto3", "botocore.session", "botocore.client", "botocore.auth", "aws_xray_sdk")
"""boto3 alone costs 120 ms of each cold start; the tools may have it (docs/adr).

Not `botocore` itself: Powertools imports that package's own file where it is there, which costs 1 ms."""

ONLY_TRACK = ("sqlalchemy", "pymysql")

OF_SYSTEMS = [
    file for system in SYSTEMS for file in modules(FUNCTIONS / system) if file.name != "__init__.py"
]

# Imports one handler after another, and says which was the first to bring in what it should not.
WHO_BROUGHT = """
import importlib, sys
slow, *modules = sys.argv[1:]
seen = set()
for module in modules:
    importlib.import_module(module)
    new = set(slow.split(",")) & set(sys.modules) - seen
    seen |= new
    for name in sorted(new):
        print(f"{module} imports {name}")
"""


def _who_brought(names: tuple[str, ...], handlers: list[str]) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{FUNCTIONS}:{GATEWAY.parent}",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
    }
    command = [sys.executable, "-c", WHO_BROUGHT, ",".join(names), *handlers]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_function_of_the_api_loads_boto3() -> None:
    """Neither at its start nor later: some modules are imported where a setting asks for them."""
    later = [".".join(file.relative_to(FUNCTIONS).with_suffix("").parts) for file in OF_SYSTEMS]

    brought = _who_brought(SLOW, [*(function.module for function in ENDPOINTS), *later])

    assert not brought, f"{brought}: gateway/aws.py calls AWS without it"


def test_only_track_loads_a_database() -> None:
    others = [function.module for function in ENDPOINTS if function.folder != "track"]

    assert not _who_brought(ONLY_TRACK, others), "open a store where it is used, not where it is imported"


def test_no_function_loads_the_parser_of_forms_before_a_form_comes() -> None:
    assert not _who_brought(("multipart",), [function.module for function in ENDPOINTS])


def _distribution(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(layer: str) -> set[str]:
    text = (ROOT / "layers" / layer / "requirements.txt").read_text()
    return {_distribution(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


@cache
def _distributions() -> Mapping[str, list[str]]:
    """Of every importable package; reads what all installed ones say of themselves."""
    return packages_distributions()


def _wanted(file: Path) -> set[str]:
    ours = {"gateway", *SYSTEMS, *SHELLS, "__future__"}
    names = {name.split(".")[0] for name in imports(file)} - ours - sys.stdlib_module_names
    return {_distribution(_distributions().get(name, [name])[0]) for name in names}


@pytest.mark.parametrize(
    "folder", [GATEWAY, *(FUNCTIONS / name for name in SYSTEMS), FUNCTIONS / "edge"], ids=short
)
def test_packages_come_from_the_layers(folder: Path) -> None:
    there = _locked("shared") | (_locked("track") if folder.name == "track" else set())
    missing = {f"{short(file)} imports {name}" for file in modules(folder) for name in _wanted(file) - there}

    assert not missing, (
        f"{'; '.join(sorted(missing))}: no layer has it. Add it to pyproject.toml (project.dependencies) and "
        "run `make lock`, or do without"
    )


@pytest.mark.parametrize("layer", ["shared", "track"])
def test_layers_hold_nothing_that_lambda_has_or_only_tests_need(layer: str) -> None:
    assert _locked(layer).isdisjoint({"boto3", "botocore", "aws-xray-sdk", "pytest", "moto", "rich"})


def test_a_package_that_both_layers_hold_has_one_version() -> None:
    pins = [
        set(
            re.findall(
                r"^(\S+==\S+)", (ROOT / "layers" / layer / "requirements.txt").read_text(), re.MULTILINE
            )
        )
        for layer in ("shared", "track")
    ]
    names = [{pin.split("==")[0] for pin in found} for found in pins]
    common = names[0] & names[1]

    assert {pin for pin in pins[0] if pin.split("==")[0] in common} == {
        pin for pin in pins[1] if pin.split("==")[0] in common
    }
