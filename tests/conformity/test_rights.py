"""Rights: a function calls only what its role allows, and its role allows only what it uses.

The calls are those of the local run that most tests share, so these tests come after them, and then drive
the functions to whatever nothing has made them do.
"""

import pytest

from tests.architecture.house import ALL, TEMPLATE
from tests.conformity.drive import STREAMS, Drive
from tests.conformity.rights import LAMBDA_ITSELF, allowed, conditions
from tests.conformity.traffic import Traffic, Use
from tests.proofs.faults.aws_proxy import AwsProxy
from tools.local.stack import LocalStack

pytestmark = [
    pytest.mark.last,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1"]),
]


@pytest.fixture(scope="session")
def may(local: LocalStack) -> dict[str, set[Use]]:
    """What each function may do; as the drive has it, track's events go to Data Firehose."""
    return allowed(local.template, conditions(local.template, local.parameters) | {"TrackStreams"})


@pytest.fixture(scope="session")
def driven(local: LocalStack, proxy: AwsProxy, may: dict[str, set[Use]]) -> dict[str, set[Use]]:
    """What each function did."""
    Drive(local, proxy).use(lambda: _unused(may, _used(local, proxy.traffic)))
    return _used(local, proxy.traffic)


def _used(local: LocalStack, traffic: Traffic) -> dict[str, set[Use]]:
    logical_ids = {physical: logical for logical, physical in local.deployed.resources.items()}
    return traffic.uses(logical_ids | STREAMS)


def _unused(may: dict[str, set[Use]], used: dict[str, set[Use]]) -> dict[str, set[Use]]:
    found = {
        name: {use for use in uses - used.get(name, set()) if use.action not in LAMBDA_ITSELF}
        for name, uses in may.items()
    }
    return {name: uses for name, uses in found.items() if uses}


def test_each_right_is_used(may: dict[str, set[Use]], driven: dict[str, set[Use]]) -> None:
    unused = [f"{name}: {use}" for name, uses in _unused(may, driven).items() for use in sorted(uses)]

    assert unused == [], "take it out of the `rights` in stack.yaml, or let tests/conformity/drive.py use it"


def test_each_call_is_allowed(may: dict[str, set[Use]], driven: dict[str, set[Use]]) -> None:
    refused = [
        f"{name}: {use}" for name, uses in driven.items() for use in sorted(uses - may.get(name, set()))
    ]

    assert refused == [], "AWS would refuse this: add it to the `rights` of the endpoint in stack.yaml"


def test_each_request_is_what_botocore_would_have_sent(proxy: AwsProxy, driven: dict[str, set[Use]]) -> None:
    requests = [sent for kept in proxy.traffic.samples.values() for sent in kept]

    assert len(requests) > len(ALL)
    assert [fault for sent in requests for fault in sent.faults()] == []


def test_what_lambda_does_itself_is_allowed_for_the_queue_of_its_worker_alone() -> None:
    true = set(TEMPLATE.data["Conditions"])

    for name, uses in allowed(TEMPLATE, true).items():
        polled = {use.resource for use in uses if use.action in LAMBDA_ITSELF}
        sources = [
            found["Properties"]["EventSourceArn"]["Fn::GetAtt"]
            for found in TEMPLATE.data["Resources"].values()
            if found["Type"] == "AWS::Lambda::EventSourceMapping"
            and found["Properties"]["FunctionName"] == {"Ref": name}
        ]
        assert polled == {source.removesuffix(".Arn") for source in sources}, name
        for queue in polled:
            assert {Use(action, queue) for action in LAMBDA_ITSELF} <= uses, name
