"""`tests/` mirrors the tree: the tests of a module stand where the module stands."""

import pytest

from tests.architecture.house import GATEWAY, TESTS, modules, short

ROOMS = sorted(folder.name for folder in GATEWAY.iterdir() if (folder / "__init__.py").is_file())


@pytest.mark.parametrize("room", ["", *ROOMS], ids=lambda room: room or "gateway")
def test_the_tests_of_the_gateway_are_named_after_its_modules(room: str) -> None:
    strays = [
        short(file)
        for file in sorted((TESTS / "gateway" / room).glob("test_*.py"))
        if not (GATEWAY / room / file.name.removeprefix("test_")).is_file()
    ]

    assert not strays, f"no module of gateway/{room} is tested by {', '.join(strays)}: rename or move"


def test_a_program_of_the_proofs_has_its_own_folder() -> None:
    loose = [short(file) for file in modules(TESTS / "proofs") if file.parent == TESTS / "proofs"]

    assert not loose


def test_every_room_of_the_gateway_has_tests() -> None:
    assert [room for room in ROOMS if not list((TESTS / "gateway" / room).glob("test_*.py"))] == []
