"""A sixth system, made by two commands in a copy of the checkout: checked, tested, deployed, delivering."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.scaffold.conftest import Copy
from tests.until import until
from tools.local.ports import free_port
from tools.sandbox.client import Sandbox

SECONDS = 60
KEY = {"X-Api-Key": "local-client-key"}
EVENT = {"user_id": "7", "name": "level-up"}

QUICK = (
    *("endpoints", "events", "queues", "routes", "permissions", "settings", "directions", "names"),
    *("architecture", "globals"),
)


@pytest.fixture(scope="session")
def made(copy: Copy) -> Copy:
    """The copy with the system `acme`, made as CONTRIBUTING.md says."""
    listed = copy.run("make", "system", "NAME=acme")
    listed += copy.run("make", "endpoint", "SYSTEM=acme", "NAME=ping")
    assert "wrote functions/acme/system.py" in listed
    assert "wrote functions/acme/ping.py" in listed
    return copy


def test_the_linters_and_the_types_have_nothing_to_say(made: Copy) -> None:
    files = ("functions/acme", "tools/systems/acme", "tests/acme")

    made.run(".venv/bin/ruff", "check")
    made.run(".venv/bin/ruff", "format", "--check")
    made.run(".venv/bin/mypy", *files)


def test_written_files_are_fresh(made: Copy) -> None:
    made.python("tools.template", "--check")
    made.python("tools.tables", "--check")
    made.python("tools.openapi", "--check")


def test_its_own_tests_and_the_architectures_pass(made: Copy) -> None:
    known = [f"tests/architecture/test_{name}.py" for name in QUICK]
    files = [name for name in known if (made.root / name).exists()]
    assert len(files) > 5
    files += ["tests/proofs/faults/test_events.py", "tests/quickstart/test_pages.py"]
    said = made.python("pytest", "-q", "-p", "no:cacheprovider", "tests/acme", *files)

    assert " passed" in said


@pytest.fixture
def local_run(made: Copy, tmp_path: Path) -> Iterator[tuple[str, Sandbox]]:
    """What `make local` of the copy starts, with no other system; the API's address and the sandbox."""
    ports = dict.fromkeys(("AWS_PORT", "CONSOLE_PORT"), "0")
    ports |= {name: str(free_port()) for name in ("PORT", "SANDBOX_PORT")}
    others = {file.parent.name for file in made.root.glob("functions/*/stack.yaml")} - {"acme"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.local"],
        cwd=made.root,
        env={**os.environ, "PYTHONPATH": "functions:layers/shared"}
        | {**ports, "STATE": str(tmp_path), "RETRY_SCALE": "0.001"}
        | {name.upper(): "off" for name in others},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("ready: "):
                break
        else:
            pytest.fail("not ready:\n" + "".join(lines))
        yield f"http://127.0.0.1:{ports['PORT']}", Sandbox(f"http://127.0.0.1:{ports['SANDBOX_PORT']}")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=SECONDS)
        finally:
            process.kill()


def test_its_events_are_delivered_queued_and_redelivered(local_run: tuple[str, Sandbox]) -> None:
    url, sandbox = local_run

    ping = requests.post(f"{url}/acme/ping", json=EVENT, headers=KEY, timeout=SECONDS)
    refused = requests.post(f"{url}/acme/ping", json={}, headers=KEY, timeout=SECONDS)
    stranger = requests.post(f"{url}/acme/ping", json=EVENT, timeout=SECONDS)
    nowhere = requests.get(f"{url}/acme/nothing", timeout=SECONDS)
    sandbox.fault("status", system="acme", next=1, status=503)
    queued = requests.post(f"{url}/acme/event", json=EVENT, headers=KEY, timeout=SECONDS)
    until(lambda: len(sandbox.ledger("acme")) >= 3, SECONDS)

    assert (ping.status_code, ping.json()) == (200, {"success": True})
    assert ping.headers["Gateway-Delivery"] == "delivered"
    assert (refused.status_code, refused.json()) == (400, {"error": "user_id is required"})
    assert (stranger.status_code, stranger.headers["Gateway-Delivery"]) == (403, "rejected")
    assert (nowhere.status_code, nowhere.json()) == (404, {"error": "Not found"})
    assert (queued.status_code, queued.headers["Gateway-Delivery"]) == (202, "queued")
    first, failed, again = sandbox.ledger("acme")
    assert (first.path, first.header("Authorization")) == ("/v1/ping", "Bearer local-acme-credential")
    assert [entry.status for entry in (first, failed, again)] == [200, 503, 200]
    assert json.loads(again.content) == EVENT
