"""The README is short, and its figures are those of the proof."""

import re

import pytest

from tools.places import ROOT

README = (ROOT / "README.md").read_text()
WORDS = 1000

COMPARED = ("RudderStack", "Snowplow", "Segment", "Svix", "Outpost")
"""The products that a reader may know."""


def test_it_has_fewer_than_1000_words() -> None:
    assert len(README.split()) < WORDS


@pytest.mark.parametrize("page", ["README.md", "docs/comparison.md"])
@pytest.mark.parametrize("product", COMPARED)
def test_each_fact_about_another_product_links_its_source(page: str, product: str) -> None:
    text = (ROOT / page).read_text()
    (row,) = re.findall(rf"^\| \**{product}\b.*$", text, re.MULTILINE)
    name, *facts = row.strip("| ").split(" | ")

    assert len(facts) >= 5, name
    assert [fact for fact in facts if "](https://" not in fact] == []


def test_its_figures_are_those_of_the_proof() -> None:
    reliability = (ROOT / "docs" / "reliability.md").read_text()
    (row,) = re.findall(
        r"^\| all \| (\d+) \| (\d+) \| \d+ \| \d+ \| \d+ \| \d+ \| (\d+) \| (\d+) \|", reliability, re.M
    )
    events, accepted, lost, sent_again = map(int, row)

    assert f"sent {events:,} events" in README
    assert f"accepted {accepted:,}:" in README
    assert (lost, sent_again) == (0, 0), "the README says that none was"
