"""What a run of the fuzz consists of: which requests, for which routes, in which order."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import groupby
from random import Random

from tests.proofs.fuzz.made import KINDS
from tests.proofs.fuzz.run import Job, seed_of
from tests.proofs.fuzz.samples import samples
from tools.openapi.__main__ import DOCUMENT

EDGE = "edge"


def whole(seed: int, number: int, each: int) -> list[Job]:
    """A round of both, well mixed: a run that has to end early has then tried something of everything."""
    jobs = [*one_round(seed, number, each), *of_the_document(seed, number, max(1, each // 4))]
    Random(seed_of(seed, number)).shuffle(jobs)
    return jobs


def one_round(seed: int, number: int, each: int) -> Iterator[Job]:
    """One round over every route: `each` requests of each kind, twice that of changed bodies."""
    yield Job(kinds=("unknown", "broken"), count=each * 4, seed=seed_of(seed, number, EDGE))
    yield from of_systems({sample.system for sample in samples()} - {EDGE}, seed, number, each)


def of_systems(systems: Collection[str], seed: int, number: int, each: int) -> Iterator[Job]:
    """The same over the routes of some systems.

    An endpoint's routes are one job, so that its function's process is used by one connection at a time.
    """
    routes = [(index, sample) for index, sample in enumerate(samples()) if sample.system in systems]
    for endpoint, found in groupby(routes, key=lambda one: one[1].endpoint):
        numbers = tuple(index for index, _ in found)
        yield Job(kinds=("body", *KINDS), routes=numbers, count=each, seed=seed_of(seed, number, endpoint))


def of_the_document(seed: int, number: int, each: int) -> Iterator[Job]:
    """One round over every operation of the document, in four jobs: `each` valid requests and as many invalid
    ones for every call, and a quarter of that for every preflight and unknown path."""
    operations = [
        (index, method)
        for index, method in enumerate(
            method for item in json.loads(DOCUMENT.read_text())["paths"].values() for method in item
        )
    ]
    for part in range(4):
        for calls, count in ((True, each), (False, max(1, each // 4))):
            chosen = tuple(index for index, method in operations if (method in ("post", "put")) == calls)
            yield Job(
                kinds=("positive", "negative"),
                routes=chosen[part::4],
                count=count,
                seed=seed_of(seed, number, "document", part, calls),
                of_the_document=True,
            )
