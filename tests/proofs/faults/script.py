"""The script of a run: its stages in order, and what is made to fail in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.profiles import profiles
from tests.proofs.faults.aws_proxy import Asked, Rule, Way
from tests.proofs.faults.bench import VENDORS
from tests.proofs.faults.events import KINDS
from tests.proofs.faults.kinds import Kind
from tests.proofs.faults.on_hold import OnHold
from tests.proofs.faults.stages import (
    Aws,
    Backlog,
    Fault,
    Gone,
    Killing,
    Locked,
    Newcomers,
    OwnAnswers,
    Refusing,
    SeenTwice,
    Stage,
    Together,
    Upstream,
    Waiting,
)


def on(service: str, action: str = "", state: str = "", where: str = "") -> Callable[[Asked], bool]:
    """Calls of a service; of one action, of one state of a record, on one resource."""
    return lambda asked: (
        asked.service == service
        and action in ("", asked.action)
        and state in ("", asked.state)
        and where in asked.resource
    )


CREDENTIALED = [
    name for name, profile in profiles().items() if profile.vendor and profile.vendor.credentialed
]
"""The systems whose vendors look at a credential."""

UNREADY = [(name, profile.proof.unready) for name, profile in profiles().items() if profile.proof.unready]
"""The systems whose vendors do not know for a while whom they have created, and the paths where it shows."""

SENT = frozenset(profile.proof.sent for profile in profiles().values() if profile.proof.sent)

SENDS = 3
"""How many sends side by side make a worker worth killing."""

_BY_TEN = on("sqs", "SendMessageBatch", where="Queue-")
_SINGLY = on("sqs", "SendMessage", where="Queue-")


def queues(asked: Asked) -> bool:
    """An event, or several, on its way into a queue."""
    return _SINGLY(asked) or _BY_TEN(asked)


BURY = on("sqs", "SendMessage", where="DeadLetters-")


class Faults:
    """Groups of faults, each with a seed of its own. `kills`: how many processes an exact kill may cost."""

    def __init__(self, seed: int, kills: int) -> None:
        """`seed` is the run's."""
        self._seeds = iter(range(seed * 1000, seed * 1000 + 1000))
        self._kills = kills

    def kills(self) -> tuple[Fault, ...]:
        return (
            self._killed("between claim and send", "kill after", _record("sending")),
            self._killed("between send and record, commit and record", "kill before", _record("done")),
            self._killed("between record and answer", "kill after", _record("done")),
            self._killed("between queue and record", "kill before", _record("queued")),
            self._killed("between queue and answer", "kill after", queues),
        )

    def new_users(self, share: float) -> tuple[Fault, ...]:
        return (
            self._killed("between the two calls of an event, not noted", "kill before", _notes_what_was_sent),
            self._killed("between the two calls of an event, noted", "kill after", _notes_what_was_sent),
            *(self._upstream("status", share, (name,), status=404, path=path) for name, path in UNREADY),
            Newcomers(404),
            OwnAnswers(429),
            Waiting(),
        )

    def killed_while_sending(self) -> Fault:
        return self._killed(
            f"a worker with {SENDS} events on their way", "kill before", _record("done"), SENDS
        )

    def random_kills(self) -> Fault:
        return Killing(seed=next(self._seeds), most=2 * self._kills)

    def down(self, share: float) -> Fault:
        return self._upstream("status", share, status=503)

    def statuses(self, share: float) -> tuple[Fault, ...]:
        return (self._upstream("status", share, status=500), self.down(share))

    def too_many(self, share: float) -> Fault:
        return self._upstream("status", share, status=429, headers={"Retry-After": "1"})

    def silence(self) -> tuple[Fault, ...]:
        return (
            self._upstream("hang", 0.08, seconds=5),
            self._upstream("hang", 0.08, seconds=5, taken=True),
        )

    def resets(self, share: float) -> tuple[Fault, ...]:
        return (self._upstream("reset", share), self._upstream("accept-then-reset", share))

    def garbage(self) -> tuple[Fault, ...]:
        return (
            self._upstream("malformed-json", 0.15),
            self._upstream("html", 0.15),
            self._upstream("truncated-body", 0.15),
            self._upstream("drip", 0.04, seconds=0.2),
            self._upstream("redirect", 0.15),
            self._upstream("huge", 0.04, size=3 * 1024 * 1024),
        )

    def sqs(self) -> tuple[Fault, ...]:
        return (
            self._aws("SQS: throttled", "throttle", queues, 0.2),
            self._aws("SQS: refused", "refuse", queues, 0.1),
            self._aws("SQS: 500", "fail", queues, 0.1),
            self._aws("SQS: reset", "reset", queues, 0.1),
            self._aws("SQS: silent", "hang", queues, 0.05),
            self._aws("SQS: took the message, answer lost", "lose answer", queues, 0.1),
            self._aws("SQS: a message twice", "twice", queues, 0.3),
        )

    def dynamodb(self) -> tuple[Fault, ...]:
        return (
            self._aws("DynamoDB: throttled", "throttle", on("dynamodb"), 0.15),
            self._aws("DynamoDB: 500", "fail", on("dynamodb"), 0.1),
            self._aws("DynamoDB: reset", "reset", on("dynamodb"), 0.1),
            self._aws("DynamoDB: silent", "hang", on("dynamodb"), 0.05),
            self._aws("DynamoDB: written, answer lost", "lose answer", on("dynamodb", "PutItem"), 0.15),
        )

    def both_down(self) -> tuple[Fault, ...]:
        return (
            self._aws("DynamoDB: down", "reset", on("dynamodb"), 1.0),
            self._aws("SQS: down", "refuse", queues, 0.5),
        )

    def refusals(self) -> tuple[Fault, ...]:
        return (
            self._upstream("status", 0.5, status=400),
            self._aws("dead letters: refused", "refuse", BURY, 0.2),
            self._killed("before the dead letter", "kill before", BURY),
            self._killed("after the dead letter", "kill after", BURY),
            Refusing(),
        )

    def credential(self) -> tuple[Fault, ...]:
        return (
            # Where there is no credential, a 401 is the app's.
            self._upstream("status", 0.5, CREDENTIALED, status=401),
            self._aws("Secrets Manager: down", "fail", on("secretsmanager"), 0.5),
        )

    def slow(self, seconds: float) -> Fault:
        return self._upstream("delay", 1.0, seconds=seconds)

    def late(self) -> Fault:
        (expiring,) = (profile for profile in profiles().values() if profile.expiring)
        return self._upstream("status", 1.0, (expiring.name,), status=503, path=expiring.expiring)

    def _upstream(self, fault: str, share: float, systems: Sequence[str] = VENDORS, **rule: Any) -> Upstream:
        return Upstream(fault, {"share": share, "seed": next(self._seeds), **rule}, systems)

    def _aws(
        self, name: str, way: Way, meets: Callable[[Asked], bool], share: float, most: int | None = None
    ) -> Aws:
        return Aws(Rule(name=name, way=way, meets=meets, share=share, most=most, seed=next(self._seeds)))

    def _killed(self, name: str, way: Way, meets: Callable[[Asked], bool], sends: int = 0) -> Aws:
        fault = self._aws(f"SIGKILL: {name}", way, meets, 0.25, self._kills)
        fault.rule.sends = sends
        return fault


def script(seed: int) -> list[Stage]:
    """Every stage of a full run, in order."""
    s = Faults(seed, kills=20)
    return [
        Stage("all well", share=1.5),
        # Early, while nothing waits: after a minute a 404 is no mistake of the vendor's, but a refusal.
        Stage("calls that need another", s.new_users(0.3), linger=6.0, only=_has_two_calls),
        # Kills come early: a killed try's lease is over before the run is.
        Stage("killed", (*s.kills(), s.down(0.35), Locked()), share=2.0, linger=2.0),
        Stage("killed at random", (s.random_kills(), s.down(0.35)), share=2.0),
        Stage("5xx", s.statuses(0.4)),
        Stage("429", (s.too_many(0.6),)),
        Stage("silence", s.silence()),
        Stage("resets", s.resets(0.25)),
        Stage("garbage", s.garbage()),
        Stage("gone and back", (Gone(),)),
        Stage("SQS", (*s.sqs(), s.down(0.6))),
        Stage("DynamoDB", (*s.dynamodb(), s.down(0.4))),
        Stage("DynamoDB and SQS down", (*s.both_down(), s.down(0.4))),
        Stage("refused for good", (s.down(0.4), *s.refusals(), Locked()), linger=4.0),
        Stage("our credential refused", s.credential()),
        Stage("two workers", (SeenTwice(), s.down(0.5), s.slow(1.2)), linger=3.0),
        # In this order they end: the vendor is back, the workers find a backlog, and are killed over it.
        Stage("side by side", (s.down(0.8), Backlog(), s.killed_while_sending(), s.slow(0.4))),
        Stage("one key in parallel", (Together(), s.slow(0.4)), share=0.4, together=4),
        Stage("on hold", (OnHold(),)),
        # An event of a lifecycle is of use for two minutes.
        Stage("too late", (s.late(),), share=0.5, linger=135, only=_may_expire),
    ]


def short_script(seed: int) -> list[Stage]:
    """The same faults in fewer stages, but for the one that takes minutes."""
    s = Faults(seed, kills=1)
    return [
        Stage("killed", (*s.kills(), s.random_kills(), s.down(0.3)), share=1.6, linger=0.5),
        Stage("calls that need another", s.new_users(0.2), share=0.6, linger=6.0, only=_has_two_calls),
        Stage("AWS", (*s.sqs(), *s.dynamodb(), s.down(0.6)), share=2.0, linger=0.5),
        Stage("AWS down", (*s.both_down(), s.down(0.9)), share=0.5, linger=0),
        Stage(
            "vendors", (*s.statuses(0.1), s.too_many(0.1), *s.resets(0.1), *s.garbage()), share=2.0, linger=0
        ),
        Stage("silence", s.silence(), share=0.7, linger=0),
        Stage("gone and back", (Gone(),), share=0.5, linger=0),
        Stage("refused for good", (s.down(0.3), *s.refusals(), *s.credential(), Locked()), linger=2.0),
        Stage("two workers", (SeenTwice(), s.down(0.5), s.slow(1.2)), share=0.4, linger=2.0),
        Stage("one key in parallel", (Together(), s.slow(0.3)), share=0.15, together=4),
    ]


def _has_two_calls(kind: Kind) -> bool:
    return kind.row in {each.row for each in KINDS if each.prepared}


def _may_expire(kind: Kind) -> bool:
    return kind.row in {each.row for each in KINDS if each.expires}


def _notes_what_was_sent(asked: Asked) -> bool:
    return asked.service == "dynamodb" and not SENT.isdisjoint(asked.names)


def _record(state: str) -> Callable[[Asked], bool]:
    return on("dynamodb", "PutItem", state)
