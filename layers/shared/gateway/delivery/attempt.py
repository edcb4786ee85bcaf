"""One redelivery of one queued task: its claim, and how far its protocol has come."""

from __future__ import annotations

from collections.abc import Callable, Generator

from gateway.core.data import dataclass
from gateway.core.task import DeliveryTask
from gateway.delivery.idempotency import Claim
from gateway.delivery.outcomes import Fate
from gateway.delivery.steps import Result, Send, Step, TryClaim


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
            event_id=self.task.event_id,
        )


type CarryOut = Callable[[Step, Claim | None, Pending], Result]


@dataclass()
class Attempt:
    """One task on its way through the protocol: up to a step that has to wait for its turn, a send or a claim
    that is made alone, and from there to its fate.

    Without a `claim`, its send is the only one of its usual steps that takes time.
    """

    pending: Pending
    claim: Claim | None
    steps: Generator[Step, Result, Fate]
    step: Step | None = None
    fate: Fate | None = None

    def claimed(self, carry_out: CarryOut) -> None:
        """Make the claim whose turn has come."""
        self.proceed(carry_out(self.step, self.claim, self.pending) if self.step else None, carry_out)

    def proceed(self, result: Result, carry_out: CarryOut) -> None:
        """Carry out steps until one has to wait, or the task's fate is known."""
        self.step = None
        try:
            step = self.steps.send(result)
            while not _waits(step):
                step = self.steps.send(carry_out(step, self.claim, self.pending))
            self.step = step
        except StopIteration as end:
            self.fate = end.value


def _waits(step: Step) -> bool:
    return isinstance(step, Send) or (isinstance(step, TryClaim) and step.alone)
