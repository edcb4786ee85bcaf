"""docs/troubleshooting.md explains every error that an answer can name, and quotes messages that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

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


@cache
def said() -> str:
    """All sources of the tools and the Makefile; texts that continue on the next line are joined."""
    sources = [ROOT / "Makefile", *ROOT.glob("tools/**/*.py")]
    text = "".join(re.sub(r'"\s*f?"', "", source.read_text()) for source in sources)
    return text.replace("`", "")


@pytest.mark.parametrize(
    "message",
    [
        "is not available (",
        "stop the program that uses it, or use another one with",
        "another local run uses",
        "is not one of",
        "is not a port:",
        "choose a folder of your own with make local STATE=…",
        "belongs to another local run (",
        "cannot be read or written (",
        "make it yours",
        "the disk is full",
        "is damaged or of another version (",
        "could not be installed from PyPI, which needs a network",
        "is missing: run rm -r .venv; make local",
        "web pages of another origin may not call this",
        "Nothing answers at",
        "run make local first, or set its port in AWS_PORT",
        "The response does not come from AWS: is a proxy or another program listening at that address?",
        "wait until make local says ready",
        "No region: set it with --region, AWS_REGION, or in the profile; for a local run, add --local",
        "No AWS credentials (",
        "events that come without a key would go to the stack's own ",
        "would allow nothing",
        "There is no stage",
        "its first deployment failed, and CloudFormation can only delete it",
        "wait until that is over, and deploy again",
        "Set PORT, HOST and TLS as for make local, or",
    ],
)
def test_a_message_is_quoted_as_it_is_said(message: str) -> None:
    assert message in PAGE.replace("`", "")
    assert message in said()
