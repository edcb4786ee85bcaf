"""After a send together that nobody answered, each of its tasks is sent alone: one of them may be why."""

from collections.abc import Sequence

from gateway.core.errors import TimedOut, Transient, UpstreamError
from gateway.core.reply import Reply
from gateway.core.task import DeliveryTask
from gateway.delivery.attempt import Pending
from tests.gateway.delivery.cloud import OK, Aws, Vendor, delivery, task


class Groups(Vendor):
    """Notes which tasks came together; an unanswered group has ended each task's own try."""

    def __init__(self, failure: UpstreamError | None = None) -> None:
        super().__init__(OK, at_once=20)
        self.failure = failure
        self.groups: list[str] = []

    def send_many(self, tasks: Sequence[DeliveryTask], *, seconds: float) -> list[UpstreamError | None]:
        self.groups.append("".join(each.event_id for each in tasks))
        return [self.failure] * len(tasks)


def redelivered(vendor: Groups, events: str, **settings: int) -> list[str]:
    pending = [Pending(task=task(event, event), text="t", receives=1) for event in events]
    fates = delivery(vendor, **settings).redelivery.send(pending, seconds_left=lambda: 60)
    return [type(fate).__name__ for fate in fates]


def test_after_an_unanswered_send_each_task_goes_alone(cloud: Aws) -> None:
    assert redelivered(Groups(TimedOut(may_have_arrived=True)), "abc") == ["Later"] * 3

    vendor = Groups()
    assert redelivered(vendor, "abcdef") == ["Done"] * 6
    assert (vendor.groups, sorted(vendor.sent)) == (["def"], ["a", "b", "c"])


def test_after_a_send_that_did_not_arrive_they_go_together_again(cloud: Aws) -> None:
    assert redelivered(Groups(Transient("status 429")), "abc") == ["Later"] * 3

    vendor = Groups()
    assert redelivered(vendor, "abc") == ["Done"] * 3
    assert (vendor.groups, vendor.sent) == (["abc"], [])


def test_a_task_alone_uses_up_its_own_tries_only(cloud: Aws) -> None:
    """Of three in an unanswered send, the one that is never answered becomes a dead letter, no other."""
    assert redelivered(Groups(TimedOut(may_have_arrived=True)), "abc") == ["Later"] * 3

    class Never(Groups):
        def send(self, task: DeliveryTask, *, seconds: float) -> Reply:
            if task.event_id == "b":
                raise TimedOut(may_have_arrived=True)
            return super().send(task, seconds=seconds)

    assert redelivered(Never(), "abc") == ["Done", "Dead", "Done"]
