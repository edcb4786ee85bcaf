"""Every system has a quick start of the same form, and every client sends in the same way on all of them."""

import re

import pytest

from tests.quickstart.pages import BASE, CLIENTS, FOLDER, SYSTEMS, page, snippet

HEADINGS = ["What changes", "Send an event", "What comes back", "See it arrive", "A key for production"]


def test_every_system_has_a_quick_start_and_nothing_else_has() -> None:
    assert {file.stem for file in FOLDER.glob("*.md")} == {*SYSTEMS, "README"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_form_of_a_quick_start(system: str) -> None:
    text = page(system)

    assert text.startswith("# Quick start: ")
    assert re.findall("^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert tuple(re.findall("^### (.*)$", text, re.MULTILINE)) == CLIENTS


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_snippet_sends_one_event_with_a_key_of_its_own(system: str, client: str) -> None:
    code = snippet(system, client)

    assert code.count(BASE) == 1
    assert code.count("Idempotency-Key") == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_only_the_event_differs_from_page_to_page(client: str) -> None:
    """A fix to how a client sends is a fix on every page; the last paragraph is the event."""
    sending = {system: snippet(system, client).rpartition("\n\n")[0] for system in SYSTEMS}

    assert set(sending.values()) == {sending[SYSTEMS[0]]}
