"""The recorded facts themselves: each has a source, a date and a test that relies on it."""

import datetime

import pytest

from tests.conformity.facts import RECORDED, Fact, read

ALL = [fact for file in sorted(RECORDED.glob("*.toml")) for fact in read(file.stem)]
TESTS = "\n".join(file.read_text() for file in RECORDED.parent.glob("test_recorded_*.py"))


@pytest.mark.parametrize("seen", ALL, ids=str)
def test_a_fact_has_its_source_and_its_date(seen: Fact) -> None:
    assert seen.source.startswith("https://github.com/")
    assert datetime.date(2012, 1, 1) < seen.recorded < datetime.date(2100, 1, 1)
    assert seen.says.endswith(".")
    assert len(seen.says) < 110


@pytest.mark.parametrize("seen", ALL, ids=str)
def test_a_fact_is_used_by_a_test(seen: Fact) -> None:
    section, _, name = seen.name.partition(".")

    by_section = f'"{section}")' in TESTS
    assert by_section or seen.name in TESTS or f'"{name}"' in TESTS, f"no test relies on {seen.name}"
