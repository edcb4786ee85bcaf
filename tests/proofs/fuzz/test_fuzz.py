"""The quick form of `make fuzz`: thousands of odd requests to the deployed API, of which none may do harm."""

import os
import time

import pytest

from tests.changed_settings import changed_settings, for_systems
from tests.profiles import variants
from tests.proofs.fuzz import figures, plan
from tests.proofs.fuzz.run import run
from tests.proofs.fuzz.settled import settle, stored
from tools.local.stack import LocalStack
from tools.sandbox.client import Sandbox

SECONDS = 35
"""What sending may take; what has not begun by then is left to `make fuzz`."""

VARIANT_SECONDS = 10
"""The same for each variant."""


def test_nothing_that_is_sent_does_harm(local: LocalStack, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("SEED", "1"))
    sandbox, verdict = Sandbox(local.sandbox_url), figures.Verdict()
    sandbox.reset()
    started = time.time()

    verdict.tally.merge(run(local.url, plan.whole(seed, 0, 10), until=started + SECONDS))
    settle(local)
    verdict.hear(sandbox)
    for variant, settings in variants().items():
        with changed_settings(local, for_systems(settings)):
            jobs = plan.of_systems(settings, seed, 1, 5)
            verdict.tally.merge(run(local.url, jobs, until=time.time() + VARIANT_SECONDS))
            settle(local)
            verdict.hear(sandbox, variant)
    verdict.lost_rows = verdict.tally.rows - stored(local)

    with capsys.disabled():
        seconds = time.time() - started
        print(f"\nfuzz: seed {seed}, {verdict.tally.requests} requests in {seconds:.0f} s")  # noqa: T201
    assert verdict.findings == [], figures.details(verdict)
    assert verdict.upstream_requests.keys() == {"", *variants()}
    assert verdict.tally.rows
