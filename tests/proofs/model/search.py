"""Searches every order of every outcome: the states that the processes of `world` can reach, each once.

A state is the world and where each process stands. Worlds and processes are numbered as they are found, so a
state is a few integers, and what a process can do in a world is worked out once, not for every state that
has both.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from tests.proofs.model.world import ACKNOWLEDGED, Broken, Process, Rules, World, drained, judge, outcomes

type State = tuple[int, ...]
"""The number of the world, then those of the processes in their order."""


@dataclass
class Found:
    """What the search counted."""

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
    rules: Rules, *, clients: int, workers: int = 2, late_passes: int = 0, last_passes: int = 0
) -> Found:
    """Search every order of every outcome.

    A late pass finds the message's day over, a last pass that its queue will soon drop it. Raises Broken.
    """
    processes = [Process(f"client {n}", "client") for n in range(clients)]
    processes += [Process(f"worker {n}", "worker") for n in range(workers)]
    processes += [Process(f"late pass {n}", "late pass") for n in range(late_passes)]
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
        self._places = {process.name: 1 + place for place, process in enumerate(processes)}
        self._start: State = (self._worlds.of(World()), *map(self._processes.of, processes))
        self._owners: dict[int, int] = {}
        self._moves: dict[tuple[int, int, bool], tuple[tuple[int, int, int], ...]] = {}
        self._renumbered: dict[tuple[int, int], int] = {}
        self._judged: set[tuple[int, bool]] = set()

    def run(self) -> None:
        """Visit every state. Raises Broken."""
        seen = {self._start}
        waiting = [self._start]
        while waiting:
            state = waiting.pop()
            self.found.states += 1
            following = self._following(state)
            if not following or not any(self._processes.values[one].running for one in state[1:]):
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
            key = (state[place], world, alive)
            moves = self._moves.get(key)
            if moves is None:
                moves = self._moves[key] = self._moves_of(*key)
            for process, left, plain in moves:
                if left == plain:
                    found.append((plain, *state[1:place], process, *state[place + 1 :]))
                else:
                    others = [self._renumber(one, left) for one in state[1:]]
                    others[place - 1] = self._renumber(process, left)
                    found.append((plain, *others))
        return found

    def _owner(self, world: int) -> int:
        """The place of the process that owns the record; 0 if none does."""
        if world not in self._owners:
            record = self._worlds.values[world].record
            self._owners[world] = 0 if record is None else self._places.get(record.owner, 0)
        return self._owners[world]

    def _moves_of(self, process: int, world: int, alive: bool) -> tuple[tuple[int, int, int], ...]:
        """What a process can do in a world: itself afterwards, the world that it leaves, and the plain form
        of that world; the same number twice if it is plain already."""
        standing, around = self._processes.values[process], self._worlds.values[world]
        if not standing.running:
            return ()
        if standing.kind != "client" and standing.copy is None:
            # SQS may hand one message to two workers, and a worker that never gets one does nothing.
            copies = (replace(standing, copy=copy) for copy in around.copies)
            return tuple((self._processes.of(one), world, world) for one in copies)
        return tuple(
            (self._processes.of(after), self._worlds.of(left), self._worlds.of(_plain(left)))
            for after, left in outcomes(standing, around, self._rules, alive=alive)
        )

    def _renumber(self, process: int, world: int) -> int:
        """A process whose message has the number that it has in the plain form of a world."""
        key = (process, world)
        if key not in self._renumbered:
            standing = self._processes.values[process]
            if standing.copy is not None:
                number = {copy: new for new, copy in enumerate(sorted(self._worlds.values[world].copies))}
                standing = replace(standing, copy=number.get(standing.copy, -1))
            self._renumbered[key] = self._processes.of(standing)
        return self._renumbered[key]

    def _judge(self, state: State) -> None:
        """Let a well world drain its queue, then look whether the promises were kept."""
        self.found.ends += 1
        acknowledged = any(self._processes.values[one].end == ACKNOWLEDGED for one in state[1:])
        key = (state[0], acknowledged)
        if key in self._judged:
            return
        self._judged.add(key)
        world = drained(self._worlds.values[state[0]], self._rules)
        try:
            judge(world, self._rules, acknowledged=acknowledged)
        except Broken as broken:
            raise Broken(f"{broken}: {[self._processes.values[one] for one in state[1:]]}") from None
        self.found.most_effects = max(self.found.most_effects, world.effects)
        if world.effects > 1:
            self.found.doubled.add(world.windows)


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
