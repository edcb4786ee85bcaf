"""Deployments of every switch's other value: each stack comes up with exactly what the template says."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import WaiterError  # type: ignore[import-untyped]

from tests.template.dashboard import widgets
from tests.template.variants import VARIANTS
from tools.local.deploy import BUCKET, deployed
from tools.local.stack import LocalStack
from tools.template.decided import decided
from tools.template.translated import translated

NEEDED = {"OneSignalAppId": "app", "PushExpressAppIds": "*"}
ELSEWHERE = {"SavedQueries": "off"}
"""MiniStack 1.5.33 does not know AWS::Logs::QueryDefinition; cfn-lint reads the variants with it."""
NOT_HERE = {"WafRateLimit"}
"""MiniStack 1.5.33 does not know AWS::WAFv2::WebACLAssociation; cfn-lint reads the variant with it."""
SECONDS = 60


@pytest.fixture(scope="module")
def packaged(local: LocalStack) -> str:
    """The URL of the template as `sam deploy` sent it, which names the built code in the same bucket."""
    got = local.client("cloudformation").get_template(StackName="trackgate", TemplateStage="Original")
    body = got["TemplateBody"]
    text = body if isinstance(body, str) else json.dumps(body)
    local.client("s3").put_object(Bucket=BUCKET, Key="switched.template", Body=text.encode())
    return f"{local.aws.url}/{BUCKET}/switched.template"


@pytest.fixture
def given(local: LocalStack, values: Mapping[str, str]) -> dict[str, str]:
    """A variant's values, of which a hosted zone must exist."""
    here = {name: value for name, value in values.items() if name not in NOT_HERE} | ELSEWHERE
    if "HostedZoneId" not in here:
        return here
    zone = local.client("route53").create_hosted_zone(Name=here["DomainName"], CallerReference=str(uuid4()))
    return here | {"HostedZoneId": zone["HostedZone"]["Id"].removeprefix("/hostedzone/")}


@pytest.fixture
def stack(local: LocalStack, packaged: str, given: Mapping[str, str]) -> Iterator[str]:
    """The name of a stack with these values; it goes at the end."""
    formation, name = local.client("cloudformation"), "switched"
    formation.create_stack(
        StackName=name,
        TemplateURL=packaged,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in (NEEDED | dict(given)).items()
        ],
    )
    try:
        try:
            formation.get_waiter("stack_create_complete").wait(
                StackName=name, WaiterConfig={"Delay": 0.3, "MaxAttempts": SECONDS * 3}
            )
        except WaiterError:
            pytest.fail("\n".join(_failures(formation, name)))
        yield name
    finally:
        formation.delete_stack(StackName=name)
        formation.get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig={"Delay": 0.3, "MaxAttempts": SECONDS * 3}
        )


def _failures(formation: Any, stack: str) -> list[str]:
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
        for event in formation.describe_stack_events(StackName=stack)["StackEvents"]
        if event["ResourceStatus"].endswith("FAILED")
    ]


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_a_stack_comes_up_with_what_its_switches_ask_for(
    local: LocalStack, stack: str, given: Mapping[str, str]
) -> None:
    wanted = decided(translated(), given)
    found = deployed(local.aws, stack)

    # A deployment's and a layer's logical ids end in a hash of their content.
    assert {_stem(name) for name in found.resources} == {_stem(name) for name in wanted["Resources"]}
    assert found.outputs.keys() == wanted["Outputs"].keys()
    if name := found.outputs.get("DashboardName"):
        shown = json.loads(local.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
        assert [_title(one) for one in shown["widgets"]] == [_title(one) for one in widgets(given)]


def _title(widget: Mapping[str, Any]) -> str:
    return str(widget["properties"]["title"])


def _stem(logical_id: str) -> str:
    for stem in ("ApiDeployment", "SharedLayer", "TrackLayer"):
        if logical_id.startswith(stem):
            return stem
    return logical_id
