"""`make fuzz REQUESTS=100000 SEED=1`: the long form, against a local run of its own, with its figures."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.proofs.fuzz import figures, plan
from tests.proofs.fuzz.run import Tally, run
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
            tally = _send(stack, arguments.requests, arguments.seed, started + arguments.minutes * 60)
            seconds = time.time() - started
            settle(stack, 120)
            verdict = figures.verdict(tally, Sandbox(stack.sandbox_url), stored(stack))
    report = figures.table(verdict, seconds, arguments.seed)
    print(f"\n{report}\n\n{figures.details(verdict)}")  # noqa: T201
    return 1 if verdict.findings else 0


def _send(stack: LocalStack, requests: int, seed: int, until: float) -> Tally:
    total, turn = Tally(), 0
    while total.requests < requests and time.time() < until:
        total.merge(run(stack.url, plan.whole(seed, turn, EACH), until=until))
        turn += 1
        print(  # noqa: T201
            f"{total.requests:,} requests, {sum(total.found.values())} findings", file=sys.stderr, flush=True
        )
    return total


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="at least so many (REQUESTS=)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same requests (SEED=)")
    parser.add_argument("--minutes", type=float, default=600, help="no longer than this (MINUTES=)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
