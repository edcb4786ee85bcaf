"""`bin/trackgate init --local` on the deployed local stack: a key that works at once, and an event's life."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.operator.init.conftest import Run
from tools.local.stack import LocalStack
from tools.places import BATCH
from tools.send import sample
from tools.systems.registry import names

EVENT = next(name for name in sample.names() if name.startswith(names()[0]) and not name.endswith(BATCH))

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]


def test_it_makes_a_key_and_sends_an_event_with_it(
    run: Run, local: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PORT", str(urlsplit(local.aws.url).port))
    monkeypatch.setenv("PORT", str(urlsplit(local.url).port))
    monkeypatch.setenv("STATE", str(local.places.state))

    done = run("--local", "--yes", "--key", "init", "--event", EVENT)

    assert "Key " in done.output
    assert f"✓ {EVENT}: 200 delivered" in done.output
    assert f"{EVENT.replace('/', ' ')}: delivered" in done.stdout
    assert "Nothing to do." in done.stdout
