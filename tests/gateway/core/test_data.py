"""Data classes that are made with their first value: alike in everything else, for all threads."""

import threading
from dataclasses import FrozenInstanceError, field, fields, replace

import pytest

from gateway.core.data import dataclass


def made() -> tuple[type, type]:
    @dataclass(frozen=True)
    class Base:
        """Has a field."""

        number: int
        text: str = "a"

    @dataclass(frozen=True)
    class Derived(Base):
        """Has another default, and a field of its own."""

        text: str = "b"
        more: tuple[int, ...] = ()

    return Base, Derived


def test_a_value_is_a_data_classs() -> None:
    base, derived = made()

    value = derived(1, more=(2,))

    assert (value.number, value.text, value.more) == (1, "b", (2,))
    assert value == derived(1, "b", (2,)) != derived(2)
    assert hash(value) == hash(derived(1, more=(2,)))
    assert replace(value, number=3) == derived(3, "b", (2,))
    assert [field.name for field in fields(base(1))] == ["number", "text"]
    with pytest.raises(FrozenInstanceError):
        value.number = 2
    with pytest.raises(FrozenInstanceError):
        del value.text
    with pytest.raises(TypeError):
        base()


def test_a_value_is_printed_as_a_data_classs() -> None:
    base, derived = made()

    assert repr(derived(1)).endswith("Derived(number=1, text='b', more=())")
    assert repr(base(1)).endswith("Base(number=1, text='a')")


def test_each_value_has_a_default_of_its_own() -> None:
    @dataclass(kw_only=True)
    class Kept:
        """Can be changed."""

        values: list[int] = field(default_factory=list)
        secret: str = field(default="", repr=False)

    one, other = Kept(), Kept(secret="s")
    one.values.append(1)

    assert other == Kept(values=[], secret="s") != one
    assert "secret" not in repr(other)
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_methods_of_its_own_stay() -> None:
    @dataclass(frozen=True)
    class Named:
        """Prints and compares itself."""

        name: str

        def __repr__(self) -> str:
            return self.name

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Named)

    assert repr(Named("a")) == "a"
    assert Named("a") == Named("b")
    assert hash(Named("a")) == hash(Named("a"))


def test_values_may_be_told_apart_by_identity() -> None:
    @dataclass(frozen=True, eq=False)
    class Rule:
        """May hold what has no hash."""

        values: list[int]

    one = Rule([])

    assert one == one
    assert one != Rule([])
    assert len({one, Rule([])}) == 2


def test_a_class_without_a_value_matches_nothing() -> None:
    base, derived = made()

    match base(1):
        case derived(_, _):  # type: ignore[misc]
            pytest.fail("of another class")
        case base(number, text):  # type: ignore[misc]
            assert (number, text) == (1, "a")


def test_threads_may_make_the_first_value_at_once() -> None:
    for _ in range(50):
        _, derived = made()
        values: list[object] = []
        start = threading.Barrier(8)

        def work(
            kind: type = derived, values: list[object] = values, start: threading.Barrier = start
        ) -> None:
            start.wait()
            values.append(kind(1))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert values == [derived(1)] * 8
