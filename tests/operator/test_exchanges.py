"""Each try of a life has its own request in the sandbox's ledger, also where requests are equal."""

from typing import Any

from tools.operator.life.life import Kind, Life, Outcome, Step
from tools.operator.trace.exchanges import exchanges
from tools.sandbox.client import Entry, Sandbox

SAME, OTHER = "0" * 16, "1" * 16


class Ledger(Sandbox):
    """Has these entries, and counts the questions."""

    def __init__(self, *entries: Entry) -> None:
        self.kept = entries
        self.asked: list[str] = []

    def named(self, request: str) -> list[Entry]:
        self.asked.append(request)
        return [entry for entry in self.kept if entry.request == request]


def entry(number: int, at: float, request: str = SAME) -> Entry:
    parts: dict[str, Any] = dict.fromkeys(("path", "query", "target", "system"), "")
    return Entry(
        number=number,
        at=at,
        method="POST",
        headers=(),
        content=b"",
        status=200,
        verdict=None,
        fault=None,
        request=request,
        **parts,
    )


def life(*tries: tuple[float, str | None]) -> Life:
    steps = [Step(at=at, kind=Kind.TRY, text="", request=request) for at, request in tries]
    received = Step(at=0, kind=Kind.RECEIVED, text="")
    return Life(
        id="1",
        system="acme",
        endpoint="event",
        received=0,
        outcome=Outcome.DELIVERED,
        advice="",
        steps=(received, *steps),
    )


def numbers(found: dict[int, Entry]) -> dict[int, int]:
    return {place: entry.number for place, entry in found.items()}


def test_of_equal_requests_each_try_has_the_nearest_in_time() -> None:
    ledger = Ledger(entry(1, 9.0), entry(2, 1.1), entry(3, 5.2))

    assert numbers(exchanges(life((1, SAME), (5, SAME)), ledger)) == {1: 2, 2: 3}
    assert ledger.asked == [SAME]


def test_no_entry_is_told_twice_and_what_is_missing_is_absent() -> None:
    ledger = Ledger(entry(1, 1.0))

    assert numbers(exchanges(life((1, SAME), (2, SAME), (3, OTHER), (4, None)), ledger)) == {1: 1}
