"""docs/troubleshooting.md explains every error that a gateway's answer can name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.core.errors import ClientKeyRefused, GatewayError, Unreadable
from tools.places import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
WORDED = {Unreadable.kind, "invalid"}
"""Answers name what is wrong with the body instead."""


def below(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    """The classes below one of the tree."""
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


NAMED = sorted({each.kind for each in below(GatewayError) if each.kind} - WORDED)


def test_the_tree_was_read() -> None:
    assert ClientKeyRefused.kind in NAMED


@pytest.mark.parametrize("kind", NAMED)
def test_an_error_is_explained(kind: str) -> None:
    assert f"`{kind}`" in PAGE
