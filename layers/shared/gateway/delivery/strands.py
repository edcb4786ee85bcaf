"""Side by side, but in order where order counts: a batch's tasks become groups, and groups run in threads.

Tasks that share a scope or a key go one after the other. Threads cost nothing where there is one group.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence, Set
from contextlib import suppress

type Names = Set[Hashable]
"""What must not be worked on twice at a time."""


def grouped(names: Sequence[Names], kinds: Sequence[Hashable | None], *, at_once: int) -> list[list[int]]:
    """Groups of at most `at_once` places, each place once; those of one kind together, None alone.

    Where groups run in their order if they share a name, so do the places that share it.
    """
    groups: list[list[int]] = []
    holder: dict[Hashable, int] = {}  # the last group with a name
    open_groups: dict[Hashable, int] = {}
    for place, (own, kind) in enumerate(zip(names, kinds, strict=True)):
        number = open_groups.get(kind, -1) if kind is not None else -1
        after = max((holder[name] for name in own if name in holder), default=-1)
        if number < 0 or number < after or len(groups[number]) >= at_once:
            number = len(groups)
            groups.append([])
            if kind is not None:
                open_groups[kind] = number
        groups[number].append(place)
        holder |= dict.fromkeys(own, number)
    return groups


def side_by_side(work: Sequence[Callable[[], object]], names: Sequence[Names], *, threads: int) -> None:
    """Carry out each piece of work once, at most `threads` at a time, those that share a name in their order.

    What one raises ends it all: no further piece is begun, and the first exception is raised here.
    """
    pieces = _Pieces(work, names)
    helpers: list[threading.Thread] = []
    with suppress(RuntimeError):  # the process may have no more threads: then fewer do the same work
        for _ in range(min(threads, len(work)) - 1):
            helper = threading.Thread(target=pieces.carry_out, daemon=True)
            helper.start()
            helpers.append(helper)
    pieces.carry_out()
    for helper in helpers:
        helper.join()
    if pieces.raised is not None:
        raise pieces.raised


class _Pieces:
    def __init__(self, work: Sequence[Callable[[], object]], names: Sequence[Names]) -> None:
        self.raised: BaseException | None = None
        self._work = work
        self._names = names
        self._waiting = list(range(len(work)))
        self._running: set[int] = set()
        self._changed = threading.Condition()

    def carry_out(self) -> None:
        """Take piece after piece until none is left."""
        while (place := self._take()) is not None:
            try:
                self._work[place]()
            except BaseException as error:  # also SystemExit: the thread that called must know
                with self._changed:
                    self._waiting.clear()
                    self.raised = self.raised or error
            finally:
                with self._changed:
                    self._running.discard(place)
                    self._changed.notify_all()

    def _take(self) -> int | None:
        with self._changed:
            while self._waiting:
                place = self._free()
                if place is not None:
                    self._waiting.remove(place)
                    self._running.add(place)
                    return place
                self._changed.wait()
            return None

    def _free(self) -> int | None:
        """The first piece that shares no name with one before it that is not finished."""
        taken: set[Hashable] = set()
        for place in self._running:
            taken |= self._names[place]
        for place in self._waiting:
            if taken.isdisjoint(self._names[place]):
                return place
            taken |= self._names[place]
        return None
