"""`make fuzz REQUESTS=100000 SEED=1`: the long form, against a local run of its own, with its figures."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.changed_settings import changed_settings, for_systems
from tests.profiles import variants
from tests.proofs.fuzz import figures, plan
from tests.proofs.fuzz.run import run, seed_of
from tests.proofs.fuzz.settled import settle, stored
from tools.local.stack import LocalStack
from tools.progress import Progress
from tools.sandbox.client import Sandbox

EACH = 24
"""Requests of a kind in one round; a round is about 8,000 requests."""


def main() -> int:
    """Send, judge, print; 1 if anything was found."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="trackgate-fuzz-") as folder:
        environment = {"RETRY_SCALE": "0.001"}
        with LocalStack(state=Path(folder), environment=environment, progress=Progress()) as stack:
            started = time.time()
            verdict = figures.Verdict()
            _send(stack, verdict, arguments.requests, arguments.seed, started + arguments.minutes * 60)
            seconds = time.time() - started
            verdict.lost_rows = verdict.tally.rows - stored(stack)
    report = figures.table(verdict, seconds, arguments.seed)
    print(f"\n{report}\n\n{figures.details(verdict)}")  # noqa: T201
    return 1 if verdict.findings else 0


def _send(stack: LocalStack, verdict: figures.Verdict, requests: int, seed: int, until: float) -> None:
    """Rounds over everything, each followed by one over the systems that have variants, in each of these."""
    tally, sandbox, turn = verdict.tally, Sandbox(stack.sandbox_url), 0
    while tally.requests < requests and time.time() < until:
        tally.merge(run(stack.url, plan.whole(seed, turn, EACH), until=until))
        settle(stack, 120)
        verdict.hear(sandbox)
        for variant, settings in variants().items():
            with changed_settings(stack, for_systems(settings)):
                jobs = plan.of_systems(settings, seed_of(seed, variant), turn, EACH)
                tally.merge(run(stack.url, jobs, until=until))
                settle(stack, 120)
                verdict.hear(sandbox, variant)
        turn += 1
        print(  # noqa: T201
            f"{tally.requests:,} requests, {sum(tally.found.values())} findings", file=sys.stderr, flush=True
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="at least so many (REQUESTS=)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same requests (SEED=)")
    parser.add_argument("--minutes", type=float, default=600, help="no longer than this (MINUTES=)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
