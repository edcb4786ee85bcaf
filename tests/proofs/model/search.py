"""Searches every order of every outcome: the states that the processes of `world` can reach, each once.

A state is the world and where each process stands. Worlds and processes are numbered as they are found, so a
state is a few integers, and what a process can do in a world is worked out once, not for every state that
has both. Processes of one kind differ in their names alone, so one state stands for all that differ only in
which of them is where; the counts are those of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from math import factorial, prod

from tests.proofs.model.world import (
    ACKNOWLEDGED,
    FIRST,
    Broken,
    Process,
    Rules,
    World,
    drained,
    judge,
    outcomes,
)

type State = tuple[int, ...]
"""The number of the world, then those of the processes in their order."""

type Move = tuple[int, int, int | None]
"""The process and the plain world after it, and that world before it was made plain, if it was not."""


@dataclass
class Found:
    """What the search counted: every state, also those that another one stood for."""

    states: int = 0
    ends: int = 0
    most_effects: int = 0
    doubled: set[frozenset[str]] = field(default_factory=set)


@dataclass
class _Numbers[T: Hashable]:
    """Values with the numbers that stand for them: equal values have one number."""

    values: list[T] = field(default_factory=list)
    _numbers: dict[T, int] = field(default_factory=dict)

    def of(self, value: T) -> int:
        """The number of a value, a new one for a new value."""
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def explore(
    rules: Rules,
    *,
    clients: int,
    workers: int = 2,
    unclaimed: int = 0,
    late_passes: int = 0,
    late_unclaimed: int = 0,
    last_passes: int = 0,
) -> Found:
    """Search every order of every outcome.

    `unclaimed` passes claim no key. A late pass finds the message's day over, a last pass that its queue will
    soon drop it. Raises Broken.
    """
    processes = [Process(f"client {n}", "client") for n in range(clients)]
    processes += [Process(f"worker {n}", "worker") for n in range(workers)]
    processes += [Process(f"unclaimed {n}", "unclaimed") for n in range(unclaimed)]
    processes += [Process(f"late pass {n}", "late pass") for n in range(late_passes)]
    processes += [Process(f"late unclaimed {n}", "late unclaimed") for n in range(late_unclaimed)]
    processes += [Process(f"last pass {n}", "last pass") for n in range(last_passes)]
    search = _Search(rules, processes)
    search.run()
    return search.found


class _Search:
    def __init__(self, rules: Rules, processes: list[Process]) -> None:
        self.found = Found()
        self._rules = rules
        self._worlds: _Numbers[World] = _Numbers()
        self._processes: _Numbers[Process] = _Numbers()
        self._names = ["", *(process.name for process in processes)]
        self._alike = _alike(processes, rules)
        self._first = {place: places[0] for places in self._alike for place in places}
        self._pairs = [pair for places in self._alike for pair in _sorting(places)]
        alike = (replace(one, name=self._names[self._first[at]]) for at, one in enumerate(processes, 1))
        self._start: State = (self._worlds.of(World()), *map(self._processes.of, alike))
        self._owners: dict[int, int] = {}
        self._exchanged: dict[tuple[int, int, int], int] = {}
        self._outcomes: dict[tuple[int, int, bool], list[tuple[int, int]]] = {}
        self._moves: dict[tuple[int, int, int, bool], tuple[Move, ...]] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._counts: dict[tuple[State, int], int] = {}
        self._judged: set[tuple[int, bool]] = set()

    def run(self) -> None:
        """Visit every state, or one that differs from it in the names of processes alone. Raises Broken."""
        seen = {self._start}
        waiting = [self._start]
        while waiting:
            state = waiting.pop()
            count = self._count(state)
            self.found.states += count
            following = self._following(state)
            if not following or not any(self._processes.values[one].running for one in state[1:]):
                self.found.ends += count
                self._judge(state)
            for after in following:
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)

    def _following(self, state: State) -> list[State]:
        world = state[0]
        owner = self._owner(world)
        alive = owner > 0 and self._processes.values[state[owner]].running
        found = []
        for place in range(1, len(state)):
            key = (place, state[place], world, alive)
            moves = self._moves.get(key)
            if moves is None:
                moves = self._moves[key] = self._moves_at(*key)
            for process, plain, left in moves:
                others = [plain, *state[1:]] if left is None else self._renumbered(state, plain, left)
                others[place] = process
                found.append(self._sorted(others))
        return found

    def _sorted(self, state: list[int]) -> State:
        """The one of the states that differ only in the names of like processes that stands for all."""
        for one, other in self._pairs:
            if state[one] > state[other]:
                state[one], state[other] = state[other], state[one]
                state[0] = self._exchange(state[0], one, other)
            elif state[one] == state[other] and self._owner(state[0]) == other:
                state[0] = self._exchange(state[0], one, other)
        return tuple(state)

    def _count(self, state: State) -> int:
        """How many states a sorted one stands for."""
        count, owner = 1, self._owner(state[0])
        for places in self._alike:
            standing = state[places[0] : places[-1] + 1]
            key = (standing, owner - places[0])
            if key not in self._counts:
                orders = factorial(len(places)) // prod(map(factorial, Counter(standing).values()))
                owners = standing.count(state[owner]) if owner in places else 1
                self._counts[key] = orders * owners
            count *= self._counts[key]
        return count

    def _exchange(self, world: int, one: int, other: int) -> int:
        """The world in which the processes at two places have each other's name."""
        if one == other:
            return world
        key = (world, one, other)
        if key not in self._exchanged:
            around = self._worlds.values[world]
            names = {self._names[one]: self._names[other], self._names[other]: self._names[one]}
            if around.record is not None and around.record.owner in names:
                record = replace(around.record, owner=names[around.record.owner])
                around = replace(around, record=record)
            self._exchanged[key] = self._worlds.of(around)
        return self._exchanged[key]

    def _owner(self, world: int) -> int:
        """The place of the process that owns the record; 0 if none does."""
        if world not in self._owners:
            record = self._worlds.values[world].record
            owned = record is not None and record.owner in self._names
            self._owners[world] = self._names.index(record.owner) if record is not None and owned else 0
        return self._owners[world]

    def _moves_at(self, place: int, process: int, world: int, alive: bool) -> tuple[Move, ...]:
        """What a process can do in a world, under the name of the first of its like."""
        first = self._first[place]
        moves: dict[Move, None] = {}
        for after, left in self._moves_of(process, self._exchange(world, first, place), alive):
            plain = self._worlds.of(_plain(self._worlds.values[left]))
            renamed = self._exchange(plain, first, place)
            move = (after, renamed, None) if left == plain else (self._renumber(after, left), renamed, left)
            moves[move] = None
        return tuple(moves)

    def _moves_of(self, process: int, world: int, alive: bool) -> list[tuple[int, int]]:
        """The process after each of its moves, and the world that it leaves."""
        key = (process, world, alive)
        if key not in self._outcomes:
            standing, around = self._processes.values[process], self._worlds.values[world]
            if not standing.running:
                moves = []
            elif standing.kind != "client" and standing.copy is None:
                # SQS may hand one message to two workers, and a worker that never gets one does nothing.
                moves = [(replace(standing, copy=copy), around) for copy in around.copies]
            else:
                moves = list(outcomes(standing, around, self._rules, alive=alive))
            self._outcomes[key] = [
                (self._processes.of(after), self._worlds.of(left)) for after, left in moves
            ]
        return self._outcomes[key]

    def _renumbered(self, state: State, plain: int, left: int) -> list[int]:
        """A state whose world was `left` and is now its plain form."""
        return [plain, *(self._renumber(process, left) for process in state[1:])]

    def _renumber(self, process: int, world: int) -> int:
        """A process whose message has the number that it has in the plain form of a world."""
        key = (process, world)
        if key not in self._numbers:
            standing = self._processes.values[process]
            if standing.copy is not None:
                number = {copy: new for new, copy in enumerate(sorted(self._worlds.values[world].copies))}
                standing = replace(standing, copy=number.get(standing.copy, -1))
            self._numbers[key] = self._processes.of(standing)
        return self._numbers[key]

    def _judge(self, state: State) -> None:
        """Let a well world drain its queue, then look whether the promises were kept."""
        acknowledged = any(self._processes.values[one].end == ACKNOWLEDGED for one in state[1:])
        key = (state[0], acknowledged)
        if key in self._judged:
            return
        self._judged.add(key)
        world = drained(self._worlds.values[state[0]], self._rules)
        try:
            judge(world, self._rules, acknowledged=acknowledged)
        except Broken as broken:
            standing = [self._processes.values[one] for one in state[1:]]
            raise Broken(f"{broken}: {standing}") from None
        self.found.most_effects = max(self.found.most_effects, world.effects)
        if world.effects > 1:
            self.found.doubled.add(world.windows)


def _alike(processes: list[Process], rules: Rules) -> list[list[int]]:
    """The places of processes that may be exchanged; on hold, the first client is not like the others."""
    found: dict[tuple[str, bool], list[int]] = {}
    for place, process in enumerate(processes, 1):
        found.setdefault((process.kind, rules.held and process.name == FIRST), []).append(place)
    return list(found.values())


def _sorting(places: list[int]) -> Iterator[tuple[int, int]]:
    """The pairs of neighbors to compare, and to exchange where the second is less, until all are sorted."""
    for last in range(len(places) - 1, 0, -1):
        for at in range(last):
            yield places[at], places[at + 1]


def _plain(world: World) -> World:
    """The same world with its messages numbered from 0, and nothing counted that no promise speaks of."""
    count = len(world.copies)
    return replace(
        world,
        copies=frozenset(range(count)),
        made=count,
        dead=min(world.dead, 1),
        effects=min(world.effects, 2),
    )
