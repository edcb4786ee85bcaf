"""Names that a new system or endpoint cannot have are refused with the reason, and nothing is written."""

from pathlib import Path

import pytest

from tests.profiles import profiles
from tools.errors import CommandError
from tools.places import ROOT
from tools.scaffold.names import check_endpoint, check_system
from tools.scaffold.write import new_endpoint, new_system, write

TAKEN = next(iter(profiles()))
STORE = next(name for name, profile in profiles().items() if profile.vendor is None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "name the system"),
        ("Acme", "lower-case"),
        ("a-b", "lower-case"),
        ("../acme", "lower-case"),
        ("1st", "lower-case"),
        ("class", "no keyword"),
        ("unknown", "cannot be a system's name"),
        (TAKEN, f"make endpoint SYSTEM={TAKEN}"),
        (TAKEN[:-1], "begin alike"),
        (f"{TAKEN}2", "begin alike"),
        ("json", "Python package"),
        ("gateway", "Python package"),
        ("tools", "Python package"),
        ("dashboard", "template.yaml has Dashboard"),
    ],
)
def test_a_systems_name(name: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        check_system(ROOT, name)


@pytest.mark.parametrize("name", ["acme", "a1", "fifth"])
def test_a_good_name(name: str) -> None:
    check_system(ROOT, name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "name the endpoint"),
        ("NewSession", "lower-case words"),
        ("new-session", "lower-case words"),
        ("v2beta", "lower-case words"),
        ("import", "lower-case words"),
        ("x" * 41, "40 characters"),
        ("system", "has another use"),
        (profiles()[TAKEN].typical, "already exists"),
    ],
)
def test_an_endpoints_name(name: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        check_endpoint(ROOT, TAKEN, name)


def test_a_misspelt_system_is_told() -> None:
    with pytest.raises(CommandError, match=f"did you mean {TAKEN}"):
        new_endpoint(ROOT, TAKEN[:-1], "ping")


def test_a_system_that_stores_its_own_events_is_told_what_to_copy() -> None:
    with pytest.raises(CommandError, match=f"copy one of functions/{STORE}/"):
        new_endpoint(ROOT, STORE, "ping")


def test_a_system_without_a_good_first_endpoint_is_refused() -> None:
    with pytest.raises(CommandError, match="lower-case words"):
        new_system(ROOT, "acme", "First")


def test_nothing_is_overwritten_and_nothing_is_half_written(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")

    with pytest.raises(CommandError, match="b would be overwritten"):
        write(tmp_path, {Path("a"): "new", Path("b"): "new"})

    assert [file.name for file in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_text() == "mine"
