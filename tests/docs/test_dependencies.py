"""docs/dependencies.md gives a reason for every package, and for nothing else."""

import json
import re
import tomllib

from tools.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TABLE = re.findall(r"^\| (`.*?`) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)

VENDORED = ROOT / "tools" / "console" / "vendor" / "package.json"


def test_every_package_has_its_reason() -> None:
    groups = [PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"].values()]
    packages = {re.split(r"[^\w-]", wanted)[0] for group in groups for wanted in group}
    packages |= set(json.loads(VENDORED.read_text())["dependencies"])

    explained = {name for row in TABLE for name in re.findall(r"`([^`]+)`", row)}

    assert explained == packages
