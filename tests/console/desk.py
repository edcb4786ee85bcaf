"""A console's whole API without a local run: real parts, and stand-ins for what asks other programs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.console.lines import answered, received
from tools.console.api import Desk
from tools.console.collector import Collector
from tools.console.facts import Facts
from tools.console.follow import Follower
from tools.console.rates import Rates
from tools.console.ring import Ring
from tools.console.stream import Stream
from tools.console.upstream import Upstreams
from tools.errors import CommandError
from tools.masks import Masks

CREDENTIAL = "pl4nted-vendor-credential"


class Faults:
    """Stands for the sandbox's client: takes every rule but one, and has a ledger."""

    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self.ledger: dict[str, list[Any]] = {}

    def faults(self) -> list[dict[str, Any]]:
        return self.rules

    def fault(self, fault: str, **rule: Any) -> int:
        if fault == "wrong":
            raise ValueError("`fault` is one of status, delay")
        self.rules.append({"id": len(self.rules) + 1, "fault": fault, **rule})
        return len(self.rules)

    def clear_faults(self, number: int) -> None:
        self.rules = [rule for rule in self.rules if rule["id"] != number]

    def named(self, request: str) -> list[Any]:
        return list(self.ledger.get(request, []))


class Letters:
    """Stands for State: one dead letter."""

    def __init__(self) -> None:
        self.acted: list[tuple[str, list[str]]] = []

    def data(self) -> dict[str, Any]:
        return {"systems": [], "keys": [{"id": CREDENTIAL}], "dead_letters": []}

    def act(self, action: str, ids: list[str]) -> dict[str, list[str]]:
        self.acted.append((action, ids))
        if ids == ["broken"]:
            raise CommandError(f"it stays: {CREDENTIAL}")
        return {"done": [id for id in ids if id == "dead"], "missing": [id for id in ids if id != "dead"]}


class Run:
    """The parts, joined as `console` joins them; `log` is the functions' log."""

    def __init__(self, facts: Facts, log: Path, sandboxed: list[str]) -> None:
        self.log = log
        self.ring, self.rates, self.masks = Ring(), Rates(), Masks(facts.key)
        self.masks.know([CREDENTIAL])
        self.sandbox, self.letters = Faults(), Letters()
        self.state: Any = None
        latest: dict[str, Any] = {"state": lambda: self.state, "rates": lambda: None}
        self.stream = Stream(self.ring, self.masks, latest)
        self.collector = Collector(self.ring, self.rates, self.masks, Follower(log), self.stream.publish)
        parts = SimpleNamespace(sandbox=self.sandbox, state=self.letters)
        self.desk = Desk(
            facts=facts,
            ring=self.ring,
            rates=self.rates,
            masks=self.masks,
            stream=self.stream,
            collector=self.collector,
            upstreams=Upstreams(parts.sandbox, sandboxed, {}),
            state=parts.state,
            sandbox=parts.sandbox,
        )

    def happens(self, number: int, *lines: str, **parts: Any) -> None:
        """A call, its lines, and its answer."""
        answer = {name: parts.pop(name) for name in ("status", "answer", "id") if name in parts}
        self.hears(number, **parts)
        self.write(*lines)
        headers = {"Gateway_Event_Id": answer["id"]} if "id" in answer else {}
        self.collector.heard(
            answered(number, answer.get("status", 200), answer.get("answer", b"{}"), **headers)
        )
        self.collector.collect()

    def hears(self, number: int, **parts: Any) -> None:
        """The front received a call."""
        self.collector.heard(received(number, **parts))

    def write(self, *lines: str) -> None:
        with self.log.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
