"""The short form of `make prove`: every fault but the one that takes minutes, one endpoint a system."""

import sys
from pathlib import Path

from tests.conformity.rights import allowed, conditions
from tests.profiles import profiles
from tests.proofs.faults.bench import Bench, bench
from tests.proofs.faults.events import KINDS
from tests.proofs.faults.prove import prove
from tests.proofs.faults.races import races
from tests.proofs.faults.report import lines
from tests.proofs.faults.script import short_script

SEED, RUN, EVENTS = 7, 0x7E57, 360


def test_nothing_acknowledged_is_lost_and_nothing_recorded_is_sent_again(tmp_path: Path) -> None:
    # One endpoint per system: a process for each endpoint at each concurrent call takes its time to start.
    kinds = [kind for kind in KINDS if kind.prepared or kind.endpoint == profiles()[kind.system].typical]

    with bench(tmp_path, RUN, at_once=5) as equipment:
        proof = prove(
            equipment,
            short_script(SEED),
            events=EVENTS,
            seed=SEED,
            kinds=kinds,
            say=lambda line: print(line, file=sys.stderr),  # noqa: T201 - shown where the test fails
        )

    assert proof.failures == [], "\n".join(lines(proof))
    assert proof.left == 0
    assert refused(equipment) == [], "what faults make a function call, its role must allow"


def refused(equipment: Bench) -> list[str]:
    """The calls that AWS would have refused."""
    stack = equipment.stack
    may = allowed(stack.template, conditions(stack.template, stack.parameters))
    used = equipment.proxy.traffic.uses(
        {physical: name for name, physical in stack.deployed.resources.items()}
    )
    return [f"{name}: {use}" for name, uses in used.items() for use in sorted(uses - may[name])]


def test_migrations_and_writers_race_over_one_file(tmp_path: Path) -> None:
    (line,) = races(tmp_path)

    assert "each once" in line
