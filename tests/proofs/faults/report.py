"""The table of a run, in Markdown, as it goes to the terminal and into docs/reliability.md."""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Iterator

from tests.proofs.faults.judge import Verdict
from tests.proofs.faults.prove import Proof
from tools.programs.installed import MINISTACK

COLUMNS = (
    "system",
    "events",
    "accepted",
    "delivered",
    "queued at the end",
    "expired",
    "dead letters",
    "**lost**",
    "**duplicated though recorded**",
    "duplicated, could not be recorded",
    "reordered",
    "rejected",
    "failed",
    "unanswered",
)


def lines(proof: Proof) -> Iterator[str]:
    """The report, line by line."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    rows = {**proof.verdicts, "all": _sum(proof)}
    for row, verdict in rows.items():
        yield f"| {' | '.join([row, *map(str, _cells(verdict))])} |"
    whole = rows["all"]
    yield ""
    yield f"Dead letters: {_listed(whole.dead)}."
    yield f"Duplicated, could not be recorded: {_listed(whole.twice)}."
    yield (
        f"{whole.sent} requests for {whole.events} events; {whole.replayed} events were answered from their"
        f" record; {whole.arrived_unacknowledged} arrived although nobody had been promised anything."
    )
    yield (
        f"{proof.killed} processes killed; {proof.left} messages left; {proof.malformed} malformed requests"
        f" upstream; seed {proof.seed}, run {proof.run:08x}; {proof.seconds:.0f} s;"
        f" Python {platform.python_version()}, MiniStack {_ministack()}."
    )
    yield ""
    yield "| stage | fault | met |"
    yield "|---|---|---|"
    for stage, faults in proof.fired.items():
        for fault, times in faults.items() or [("none", 0)]:
            yield f"| {stage} | {fault} | {times if faults else ''} |"


def _cells(verdict: Verdict) -> list[int]:
    return [
        verdict.events,
        verdict.accepted,
        verdict.delivered,
        verdict.queued,
        verdict.expired,
        verdict.dead.total(),
        len(verdict.lost) + len(verdict.unprepared),
        len(verdict.recorded_twice) + len(verdict.unexplained) + len(verdict.too_often),
        verdict.twice.total(),
        verdict.reordered,
        verdict.rejected,
        verdict.failed,
        verdict.unanswered,
    ]


def _sum(proof: Proof) -> Verdict:
    whole = Verdict()
    for verdict in proof.verdicts.values():
        for name, value in vars(verdict).items():
            setattr(whole, name, getattr(whole, name) + value)
    return whole


def _listed(counter: Counter[str]) -> str:
    return ", ".join(f"{times} {name}" for name, times in counter.most_common()) or "none"


def _ministack() -> str:
    found = re.search(r"^ministack(?:\[.*\])?==(\S+)", MINISTACK.lock.read_text(), re.MULTILINE)
    return found[1] if found else "?"
