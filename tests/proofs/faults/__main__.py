"""`python -m tests.proofs.faults`, which is `make prove`: the full run; 0 if both promises were kept."""

import argparse
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from tests.proofs.faults.bench import QUEUED, bench
from tests.proofs.faults.prove import prove
from tests.proofs.faults.races import races
from tests.proofs.faults.report import lines
from tests.proofs.faults.script import script

AT_ONCE = 8


def main() -> int:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.faults", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of all chances; the same for the same faults")
    parser.add_argument("--keep", type=Path, help="keep the run's logs and ledger there")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end what was started
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run = secrets.randbits(32)
    _say(f"seed {given.seed}, run {run:08x}, {given.events} events")
    with tempfile.TemporaryDirectory() as folder:
        state = given.keep or Path(folder)
        for line in races(state / "races"):
            _say(line)
        with bench(state, run, at_once=AT_ONCE, settings=QUEUED) as equipment:
            stages = script(given.seed)
            proof = prove(equipment, stages, events=given.events, seed=given.seed, say=_say)
    _say("")
    for line in lines(proof):
        _say(line)
    for failure in proof.failures:
        _say(f"FAILED: {failure}")
    return 1 if proof.failures else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
