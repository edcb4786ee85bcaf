"""What a system holds, queues and has given up, read from AWS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gateway.delivery.hold import Hold
from tools.errors import CommandError
from tools.operator import accounts, event_sources, secret
from tools.operator.backlog import Backlog, backlog
from tools.operator.hold import item
from tools.operator.stack import Stack
from tools.operator.status.traffic import Traffic
from tools.systems.profile import Rate
from tools.systems.registry import profile


@dataclass(frozen=True, kw_only=True)
class SystemStatus:
    """A system's. `hold` may be over; `source` is Lambda's word for the state of its event source.

    `rate` is what its queued events may wait for besides the vendor, None where nothing is limited.
    `traffic` is None where it could not be read. `problems` say what else could not be.
    """

    system: str
    hold: Hold | None
    source: str
    queued: Backlog
    dead_letters: int
    rate: Rate | None = None
    traffic: Traffic | None = None
    problems: tuple[str, ...] = ()

    @property
    def longest_wait(self) -> float:
        """Seconds that its queued events wait for `rate` at most: if each needs it, for one account."""
        return self.queued.all / self.rate.per_second if self.rate else 0.0


def read_status(stack: Stack, system: str, traffic: Traffic | None = None) -> SystemStatus:
    """A system's status. Raises botocore's errors."""
    sqs = stack.client("sqs")
    problems: list[str] = []

    def read[Found](reading: Callable[[Stack, str], Found], otherwise: Found) -> Found:
        try:
            return reading(stack, system)
        except CommandError as error:
            problems.append(str(error))
            return otherwise

    return SystemStatus(
        system=system,
        hold=read(_hold, None),
        source=read(event_sources.state, "unknown"),
        queued=backlog(sqs, stack.queue(system)),
        dead_letters=backlog(sqs, stack.dead_letters(system)).all,
        rate=read(_rate, None),
        traffic=traffic,
        problems=tuple(problems),
    )


def _hold(stack: Stack, system: str) -> Hold | None:
    return item.read(stack, system) if stack.has_records(system) else None


def _rate(stack: Stack, system: str) -> Rate | None:
    rate_of = profile(system).rate
    if rate_of is None or not stack.has_secret(system):
        return None
    document = secret.read(stack.client("secretsmanager"), stack.secret(system))
    return rate_of(partial(stack.parameter, system), accounts.settings(system, document))
