"""Rows, exhaustively: a task that is keyed by its event, redelivered without a claim.

The store takes an event id once, so that no order of passes may store a row twice, whether they claim (0.1.0,
0.2.0, a message that came too often) or not; nothing that was acknowledged may be lost.
"""

from collections.abc import Generator
from typing import Any

import pytest

from gateway.delivery.outcomes import Done
from gateway.delivery.policy import DeliveryPolicy, KeyPolicy, QueuePolicy
from gateway.delivery.steps import Send
from tests.proofs.model.search import explore
from tests.proofs.model.world import BESIDE, Broken, Kind, Rules

POLICIES = [DeliveryPolicy(KeyPolicy.NONE, queue) for queue in QueuePolicy]
"""Every policy that a task without a client's or a natural key can have."""

each = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.queue.name.lower())
by_whom = pytest.mark.parametrize("drained_by", ["worker", "unclaimed"])


@each
@by_whom
@pytest.mark.parametrize(("claiming", "unclaimed"), [(0, 2), (1, 1), (2, 1)])
def test_no_row_is_lost_or_stored_twice(
    policy: DeliveryPolicy, drained_by: Kind, claiming: int, unclaimed: int
) -> None:
    rules = Rules(policy, takes_once=True, drained_by=drained_by)

    found = explore(rules, clients=1, workers=claiming, unclaimed=unclaimed)

    assert found.most_effects == 1
    assert found.ends > 1


@by_whom
@pytest.mark.parametrize("passes", [{"late_passes": 1}, {"late_unclaimed": 1}, {"last_passes": 1}])
def test_nor_when_a_copy_runs_out_of_time(drained_by: Kind, passes: dict[str, int]) -> None:
    rules = Rules(DeliveryPolicy(), takes_once=True, drained_by=drained_by)

    found = explore(rules, clients=1, workers=1, unclaimed=1, **passes)

    assert found.most_effects == 1
    assert found.states > 500


@by_whom
def test_firehose_loses_nothing_and_may_take_a_row_twice(drained_by: Kind) -> None:
    """Its view shows an event id once: what counts twice here is a line in S3, not an event."""
    rules = Rules(DeliveryPolicy(), drained_by=drained_by)

    found = explore(rules, clients=1, workers=1, unclaimed=1)

    assert found.most_effects > 1


# A search that finds nothing proves nothing.


def test_the_search_finds_what_the_claim_was_for() -> None:
    """An upstream that takes an event id twice would take a copy again that another pass delivered."""
    claimed = explore(Rules(DeliveryPolicy()), clients=1, workers=2)
    unclaimed = explore(Rules(DeliveryPolicy(), drained_by="unclaimed"), clients=1, workers=0, unclaimed=2)

    assert frozenset() not in claimed.doubled
    assert frozenset({BESIDE}) in unclaimed.doubled
    assert frozenset({BESIDE}) not in claimed.doubled


def test_the_search_finds_a_pass_that_loses_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass that takes any end of its send for a success deletes a message that nobody has."""

    def careless(*, last: bool) -> Generator[Any, Any, Any]:
        yield Send(may_have_arrived=True)
        return Done()

    monkeypatch.setattr("tests.proofs.model.world.redelivery_by_event_id", careless)

    with pytest.raises(Broken, match="acknowledged and lost"):
        explore(Rules(DeliveryPolicy(), takes_once=True), clients=1, workers=0, unclaimed=1)
