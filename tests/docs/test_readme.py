"""The README is short, and its figures are those of the proof."""

import re

from tools.places import ROOT

README = (ROOT / "README.md").read_text()
WORDS = 900


def test_it_has_900_words_at_most() -> None:
    assert len(README.split()) <= WORDS


def test_its_figures_are_those_of_the_proof() -> None:
    reliability = (ROOT / "docs" / "reliability.md").read_text()
    (row,) = re.findall(
        r"^\| all \| (\d+) \| (\d+) \| \d+ \| \d+ \| \d+ \| \d+ \| (\d+) \| (\d+) \|", reliability, re.M
    )
    events, accepted, lost, sent_again = map(int, row)

    assert f"sent {events:,} events" in README
    assert f"accepted {accepted:,}:" in README
    assert (lost, sent_again) == (0, 0), "the README says that none was"
