"""The quick starts: one page per system, and each client's snippet on it."""

from __future__ import annotations

import re

from tools.places import ROOT
from tools.systems import registry

FOLDER = ROOT / "docs" / "quickstart"
BASE = "http://127.0.0.1:3000"
"""Where the snippets send, as they stand on the pages."""

CLIENTS = ("JavaScript", "Swift", "Kotlin", "C# and Unity", "PHP", "curl")
"""The headings, in the order of every page."""

SYSTEMS = tuple(registry.names())


def page(system: str) -> str:
    """The text of a system's quick start. Raises FileNotFoundError."""
    return (FOLDER / f"{system}.md").read_text()


def snippet(system: str, client: str) -> str:
    """The first code block under a client's heading; of a console block, its first command."""
    found = re.search(
        rf"^### {re.escape(client)}\n.*?^```(\w+)\n(.*?)^```$", page(system), re.MULTILINE | re.DOTALL
    )
    assert found, f"{system}.md has no code under {client}"
    fence, code = found.groups()
    if fence != "console":
        return code
    command = re.match(r"\$ ((?:.*\\\n)*.*\n)", code)
    assert command
    return command[1]
