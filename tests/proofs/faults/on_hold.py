"""All systems on hold while a stage lasts: what arrives meanwhile is held against the gateway."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from gateway.delivery.hold import FRESH_SECONDS
from tests.proofs.faults.bench import WAIT_SECONDS, Bench, Effect
from tools.local.deploy import STACK
from tools.operator import event_sources
from tools.operator.hold import item
from tools.operator.stack import Stack

LONG_ENOUGH = 3600.0


@dataclass
class OnHold:
    """As `bin/trackgate hold` and `resume` do it. Every second worker is left on, as if somebody had enabled
    it: it has to leave its messages by itself."""

    name: str = "on hold: events queued unsent"
    _began: float = 0
    _effects: dict[int, list[Effect]] = field(default_factory=dict)

    def start(self, bench: Bench) -> None:
        """See Fault."""
        stack = _stack(bench)
        now = time.time()
        for system in stack.systems:
            item.begin(stack, system, item.read(stack, system), now=now, until=now + LONG_ENOUGH)
        time.sleep(FRESH_SECONDS)
        for system in stack.systems[::2]:
            event_sources.switch(stack, system, on=False)
        time.sleep(WAIT_SECONDS + 2)  # whoever looked just before has claimed and sent by then
        self._began, self._effects = time.time(), bench.effects()

    def stop(self, bench: Bench) -> int:
        """See Fault. Raises AssertionError if an event was sent meanwhile."""
        queued = sum(
            attempt.delivery == "queued" and attempt.at >= self._began
            for attempts in bench.clients.attempts.values()
            for attempt in attempts
        )
        arrived = [
            f"{effect.stream} {effect.at - self._began:+.1f} s"
            for number, effects in bench.effects().items()
            for effect in effects[len(self._effects.get(number, ())) :]
        ]
        stack = _stack(bench)
        for system in stack.systems:
            if held := item.read(stack, system):
                item.let_the_worker_deliver(stack, system, held)
        time.sleep(FRESH_SECONDS)
        for system in stack.systems:
            event_sources.switch(stack, system, on=True)
            if held := item.read(stack, system):
                item.end(stack, system, held)
        assert not arrived, f"sent while on hold: {', '.join(arrived)}"
        return queued


def _stack(bench: Bench) -> Stack:
    return Stack(name=STACK, client=bench.stack.client, outputs=bench.stack.deployed.outputs, local=True)
