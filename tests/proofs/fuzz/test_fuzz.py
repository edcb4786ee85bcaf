"""The quick form of `make fuzz`: thousands of odd requests to the deployed API, of which none may do harm."""

import os
import time

import pytest

from tests.proofs.fuzz import figures, plan
from tests.proofs.fuzz.run import run
from tests.proofs.fuzz.settled import settle, stored
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox

SECONDS = 35
"""What sending may take; what has not begun by then is left to `make fuzz`."""


def test_nothing_that_is_sent_does_harm(local: LocalStack, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("SEED", "1"))
    sandbox = Sandbox(local.sandbox_url)
    sandbox.reset()
    started = time.time()

    tally = run(local.url, plan.whole(seed, 0, 10), until=started + SECONDS)
    settle(local)
    verdict = figures.verdict(tally, sandbox, stored(local))

    with capsys.disabled():
        print(f"\nfuzz: seed {seed}, {tally.requests} requests in {time.time() - started:.0f} s")  # noqa: T201
    assert verdict.findings == [], figures.details(verdict)
    assert verdict.upstream_requests > 0
    assert tally.rows
