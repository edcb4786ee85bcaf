"""One redelivery of one queued task: its claim, and how far its protocol has come."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from gateway.core.task import DeliveryTask
from gateway.delivery.idempotency import Claim
from gateway.delivery.outcomes import Fate
from gateway.delivery.steps import Result, Send, Step


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A task that is to be sent, the `text` of its message, and how often that was received.

    `last`: its delivery window is over.
    """

    task: DeliveryTask
    text: str
    receives: int
    last: bool = False

    def claim(self, *, seconds: float, budget: float = 0) -> Claim:
        """The worker's claim of its key; see Claim."""
        return Claim(
            key=self.task.key,
            fingerprint=self.task.fingerprint,
            seconds=seconds,
            budget=budget,
            worker=True,
        )


@dataclass
class Attempt:
    """One task on its way through the protocol: up to its send, and from there to its fate."""

    pending: Pending
    claim: Claim
    steps: Generator[Step, Result, Fate]
    send: Send | None = None
    fate: Fate | None = None

    def proceed(self, result: Result, carry_out: Callable[[Step, Claim, Pending], Result]) -> None:
        """Carry out steps until the task is to be sent, or its fate is known."""
        self.send = None
        try:
            step = self.steps.send(result)
            while not isinstance(step, Send):
                step = self.steps.send(carry_out(step, self.claim, self.pending))
            self.send = step
        except StopIteration as end:
            self.fate = end.value
