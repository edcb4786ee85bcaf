"""Tests name a system by example: a test that holds for every system takes it from tests/profiles.py."""

from collections import Counter

from tests.architecture.house import SYSTEMS
from tests.architecture.test_systems import EXAMPLE, files, naming
from tests.profiles import profiles

MOST = {
    "architecture": 5,
    "benchmarks": 1,
    "clients": 5,
    "conformity": 6,
    "deployment": 6,
    "edge": 1,
    "gateway": 10,
    "openapi": 1,
    "operator": 18,
    "proofs": 2,
    "release": 2,
    "runtime": 3,
    "safety": 2,
    "sandbox": 4,
    "template": 5,
    "tools": 5,
    "upgrade": 3,
}
"""Files of a folder of tests/ that may name a system outside the systems' own folders; none may be added."""

SAMPLES = "tests/upgrade/made_by_"
"""What releases wrote holds what they were sent."""


def test_every_system_has_a_profile() -> None:
    assert list(profiles()) == SYSTEMS
    assert [name for name, profile in profiles().items() if profile.name != name] == []


def test_no_further_file_of_the_tests_names_a_system() -> None:
    own = tuple(f"tests/{system}/" for system in SYSTEMS)
    tests = [path for path in files() if path.startswith("tests/") and not path.startswith(own)]
    tests = [path for path in tests if not path.startswith(SAMPLES)]
    found = {path for system in SYSTEMS if system != EXAMPLE for path in naming(system, tests, own)}
    folders = Counter(path.split("/")[1] for path in found if path.count("/") > 1)

    more = {folder: count for folder, count in folders.items() if count > MOST.get(folder, 0)}
    assert not more, (
        f"{more}: take what a test needs from tests/profiles.py, or move it to the system's folder"
    )
