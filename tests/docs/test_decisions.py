"""Decision records are numbered without gaps, listed, and say what would reverse them."""

import re
from pathlib import Path

import pytest

from tools.places import ROOT

DECISIONS = sorted(ROOT.glob("docs/adr/[0-9]*.md"))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_a_decision_says_why_and_what_would_reverse_it(decision: Path) -> None:
    text = decision.read_text()
    number = int(decision.name.partition("-")[0])

    assert text.startswith(f"# {number}. ")
    assert re.findall("^## (.*)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "Reverse when",
    ]
    assert f"]({decision.name})" in (decision.parent / "README.md").read_text()


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name.partition("-")[0]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
