"""Every relative link and anchor in the project's Markdown resolves, and the README leads to every page."""

import re
from pathlib import Path

import pytest

from tools.places import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md")])

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href|srcset)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    links = [inline or attribute for inline, attribute in _LINK.findall(_prose(page))]

    assert [link for link in links if not _resolves(page, link)] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_a_page_is_linked_from_the_readme(page: Path) -> None:
    links = (inline for inline, _ in _LINK.findall(_prose(ROOT / "README.md")))

    assert str(page.relative_to(ROOT)) in {link.partition("#")[0] for link in links}


@pytest.mark.parametrize("link", ["missing.md", "guide.md#elsewhere", "#elsewhere"])
def test_a_dead_link_is_seen(tmp_path: Path, link: str) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text("# A `guide`: one, two\n```\n# elsewhere\n```\n")

    assert _resolves(guide, "guide.md#a-guide-one-two")
    assert not _resolves(guide, link)


def _resolves(page: Path, link: str) -> bool:
    if link.startswith(("https://", "mailto:")):
        return True
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the page's headings."""
    found: set[str] = set()
    for heading in _HEADING.findall(_prose(page)):
        base = anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        repeat = 0
        while anchor in found:
            repeat += 1
            anchor = f"{base}-{repeat}"
        found.add(anchor)
    return found


def _prose(page: Path) -> str:
    """The page without its fenced blocks, in which `#` is a comment."""
    return _FENCE.sub("", page.read_text())
