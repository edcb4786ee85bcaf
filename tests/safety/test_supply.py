"""What is installed is what was locked, hash by hash; the bill of materials lists what is deployed."""

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.lock import LAYERS, PROGRAMS
from tools.places import ROOT
from tools.release.sbom import sbom
from tools.supply.advisories import Advisory, NotAudited, advisories

LOCKS = [*LAYERS, *PROGRAMS]

_PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)(?: ;[^\\]*)? \\$")


def _packages(lock: Path) -> dict[str, str]:
    found = [_PACKAGE.match(line) for line in lock.read_text().splitlines() if line[:1].isalnum()]
    assert all(found), f"{lock}: a line is no pinned package"
    return {one[1]: one[2] for one in found if one}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_package_is_pinned_and_hashed(lock: Path) -> None:
    text = lock.read_text()

    assert _packages(lock)
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        assert "--hash=sha256:" in entry, f"{lock}: {entry.splitlines()[0]} has no hash"


def test_every_package_of_the_project_is_hashed() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]

    for package in locked:
        if "registry" in package["source"]:
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            assert files, f"uv.lock: {package['name']} has no file"
            assert all(one["hash"].startswith("sha256:") for one in files), package["name"]
        else:
            assert package["name"] == "trackgate", f"uv.lock: {package['name']} is of no registry"


def test_what_is_installed_first_is_hashed_too() -> None:
    script = (ROOT / "tools" / "supply" / "install.sh").read_text()
    makefile = (ROOT / "Makefile").read_text()

    assert "--require-hashes --requirement tools/supply/uv.txt" in script
    assert '"$uv" sync --quiet --frozen' in script
    assert not re.search(r"pip install (?!.*--require-hashes)", script + makefile)


def test_the_bill_of_materials_lists_what_is_deployed() -> None:
    made = json.loads(sbom(ROOT, datetime(2026, 1, 1, tzinfo=UTC)))
    listed = {one["name"]: one["version"] for one in made["components"]}
    deployed = {name: version for lock in LAYERS for name, version in _packages(lock).items()}
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.5")
    assert listed == deployed
    assert all(one["purl"].startswith("pkg:pypi/") for one in made["components"])


def test_an_audit_that_could_not_ask_is_no_clean_audit() -> None:
    known = {
        "dependencies": [
            {"name": "safe", "version": "1", "vulns": []},
            {"name": "old", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]},
        ]
    }

    assert advisories(json.dumps(known), "") == [Advisory("old", "2", "PYSEC-1", "2.1")]
    with pytest.raises(NotAudited, match="could not be audited"):
        advisories("", "WARNING: x\nERROR: old could not be audited\n")
    with pytest.raises(NotAudited, match="safe"):
        advisories('{"dependencies": [{"name": "safe", "skip_reason": "not found"}]}', "")
