"""What every endpoint of every system answers while an operator holds the system."""

import time
from typing import Any

import pytest

from gateway.delivery import hold
from tests.gateway.asking import asked
from tests.profiles import endpoints_of, profiles
from tests.safety.outside import Outside, deploy, success

UNTRACKED = [f"{name}.{one}" for name, profile in profiles().items() for one in sorted(profile.untracked)]
UNQUEUED = [
    f"{name}.{one}"
    for name, profile in profiles().items()
    for one in sorted(profile.unqueued - profile.untracked)
]
QUEUED = sorted(
    {f"{name}.{one}" for name in profiles() for one in endpoints_of(name)} - {*UNTRACKED, *UNQUEUED}
)


def held(module: str) -> Outside:
    """The world outside while the endpoint's system is held; its vendor is well."""
    key = hold.item_key(module.partition(".")[0])
    now = time.time()
    item = {"key": {"S": key}, "since": {"N": f"{now}"}, "until": {"N": f"{now + 3600}"}}
    return Outside(vendor=success(module), items={key: item})


def outcome(answer: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    """`Gateway-Delivery`, `Gateway-Error` and `Retry-After`."""
    headers = answer["headers"]
    return headers.get("Gateway-Delivery"), headers.get("Gateway-Error"), headers.get("Retry-After")


@pytest.mark.parametrize("module", QUEUED)
def test_a_held_event_is_answered_as_queued(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = held(module)
    handler = deploy(module, outside, monkeypatch)

    answer = handler(asked(module))

    documented = handler.success.queued
    assert documented is not None
    assert answer["statusCode"] == documented.status
    assert answer["body"].encode() == documented.body
    assert outcome(answer) == ("queued", None, None)
    assert len(outside.of_aws("SendMessage")) == 1
    assert outside.vendor_requests == []


@pytest.mark.parametrize("module", [*UNQUEUED, *(f"{module} off" for module in QUEUED)])
def test_a_held_call_that_may_not_be_queued_is_refused(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, _, delivery = module.partition(" ")
    outside = held(module)
    handler = deploy(module, outside, monkeypatch, **({"delivery": delivery} if delivery else {}))

    answer = handler(asked(module))

    assert answer["statusCode"] in (500, 503), answer
    assert outcome(answer) == ("unknown", "deliveries are on hold", "60")
    assert (outside.of_aws("SendMessage"), outside.of_aws("PutItem")) == ([], [])
    assert outside.vendor_requests == []


@pytest.mark.parametrize("module", UNTRACKED)
def test_a_call_without_an_event_is_made_and_reads_no_hold(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = held(module)

    answer = deploy(module, outside, monkeypatch)(asked(module))

    assert (answer["statusCode"], len(outside.vendor_requests)) == (200, 1)
    assert outside.of_aws("GetItem") == []
