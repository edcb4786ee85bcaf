"""Every file and folder of this repository that a page names exists."""

import re
from pathlib import Path

import pytest

from tests.docs.test_links import PAGES
from tools.places import ROOT

_SPAN = re.compile(r"`([^`\s]+)`")
_TOP = re.compile(
    r"(?:tests|tools|functions|layers|docs|stages|stack|events|benchmarks|bin|gateway|\.github|\.ci)/[^:]*"
)
_EXAMPLES = re.compile(r"acme|stages/demo|\.github/workflows/deploy\.yml")
"""Files that a page's reader is about to write."""


def _named(page: Path) -> set[str]:
    """What stands in code spans and reads as a path from the root, or from a function's import root."""
    return {span for span in _SPAN.findall(page.read_text()) if _TOP.fullmatch(span)}


def _exists(path: str) -> bool:
    # `<system>` and `…` stand for any name.
    pattern = re.sub(r"<[^>]*>|…", "*", path).rstrip("/")
    return any(any(root.glob(pattern)) for root in (ROOT, ROOT / "layers" / "shared"))


@pytest.mark.parametrize(
    "page",
    # A changelog speaks of files as they were then.
    [page for page in PAGES if page.name != "CHANGELOG.md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_files_that_a_page_names_exist(page: Path) -> None:
    missing = {path for path in _named(page) if not _exists(path) and not _EXAMPLES.search(path)}

    assert missing == set()


def test_a_missing_file_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`tools/nothing.py`, `tools/<any>.py`, `gateway/`, `make tools`")

    assert {path for path in _named(page) if not _exists(path)} == {"tools/nothing.py"}
