"""What hurts: what an operator should know about a system's status, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tools.operator.duration import spoken
from tools.operator.event_sources import DISABLED, ENABLED
from tools.operator.status.system_status import SystemStatus
from tools.operator.status.traffic import Traffic

OLD_SECONDS = 3600.0
"""As long as the age at which a queue raises an alarm."""

LONG_SECONDS = 24 * 3600.0
"""Waiting longer than this for a rate hurts: the first day of a migration should be over by then."""


def pains(status: SystemStatus, now: float, option: str) -> Iterator[str]:
    """A sentence each. `now` is Unix seconds; `option` names the stack in a command: `--local`."""
    yield from status.problems
    yield from _stopped(status, now, f"bin/trackgate resume --system {status.system} {option}")
    if status.dead_letters:
        command = f"bin/trackgate deadletters list --system {status.system} {option}"
        yield f"{status.dead_letters} undelivered: {command}"
    if status.traffic:
        yield from _troubled(status, status.traffic, option)
    if status.rate and status.longest_wait > LONG_SECONDS:
        yield f"queued events wait up to {spoken(status.longest_wait)} for their turn"


def _troubled(status: SystemStatus, traffic: Traffic, option: str) -> Iterator[str]:
    """What its vendor, or the way there, does to events."""
    if traffic.breaker_open:
        yield "the vendor keeps failing, so events are queued without asking it"
    if traffic.setup_failures:
        check = f"bin/trackgate secrets check --system {status.system} {option}"
        yield f"the vendor refused our credential or app, {_times(traffic.setup_failures)}: {check}"
    if traffic.failed:
        yield f"neither delivered nor queued, {_times(traffic.failed)}: the apps got an error"
    if (traffic.oldest or 0) > OLD_SECONDS:
        yield f"the oldest queued event waits for {spoken(traffic.oldest or 0)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _stopped(status: SystemStatus, now: float, resume: str) -> Iterator[str]:
    """Why queued events are not delivered."""
    hold = status.hold
    if hold is None:
        if status.source == DISABLED:
            yield f"queued events wait, although nobody holds them: {resume}"
    elif hold.until <= now:
        yield f"the hold has ended by itself, and what it queued waits: {resume}"
    elif hold.resuming:
        yield f"a resume is in progress, or was interrupted: {resume}"
    else:
        yield f"nothing is delivered for another {spoken(hold.until - now)}: {resume}"
    if status.source not in (ENABLED, DISABLED) and not status.problems:
        yield f"Lambda is changing the event source ({status.source}): look again in a minute"
