"""Stacks side by side in one account: every name that AWS shares between them is made of the stack's."""

import json
import re

import pytest

from tests.template.dashboard import lines
from tools.template.decided import decided
from tools.template.translated import translated

STACKS = ("staging", "my-Shop")

EVERYTHING = {
    "WafRateLimit": "100",
    "DomainName": "api.example.com",
    "HostedZoneId": "Z1",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:alarms",
}

SHARED_NAMES = {
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Athena::WorkGroup": "Name",
    "AWS::Glue::Database": "DatabaseInput",
    "AWS::CloudWatch::Alarm": "Namespace",
    "AWS::WAFv2::WebACL": "VisibilityConfig",
}
"""Names that the template gives. All others are CloudFormation's, which begins them with the stack's."""

GIVEN_NAMES = re.compile(r"^(\w*Name|Name|Namespace)$")
NOT_OF_THE_ACCOUNT = {
    "AWS::Lambda::Permission": "names its function",
    "AWS::Lambda::EventSourceMapping": "names its function",
    "AWS::Glue::Table": "lies in the stack's own database",
    "AWS::Logs::LogStream": "lies in the stack's own group",
    "AWS::ApiGateway::Stage": "lies in the stack's own API",
    "AWS::ApiGateway::Deployment": "lies in the stack's own API",
    "AWS::ApiGateway::DomainName": "a setting, and the world has one of it",
    "AWS::ApiGateway::BasePathMapping": "names its domain",
    "AWS::Route53::RecordSet": "a setting, and the world has one of it",
    "AWS::Lambda::LayerVersion": "versions of one name are separate; removing a stack removes its own",
}


def test_what_has_a_name_has_the_stacks() -> None:
    for name, found in decided(translated(), EVERYTHING)["Resources"].items():
        kind, properties = found["Type"], found.get("Properties", {})
        given = {key for key in properties if GIVEN_NAMES.match(key)} | (
            {SHARED_NAMES[kind]} & properties.keys() if kind in SHARED_NAMES else set()
        )
        if kind in NOT_OF_THE_ACCOUNT:
            continue
        for key in given - {"MetricName"}:
            text = json.dumps(properties[key])
            assert "AWS::StackName" in text or text.startswith('"AWS/'), f"{name}: {key} is {text}"


def test_nothing_is_exported() -> None:
    assert not any("Export" in output for output in translated()["Outputs"].values())


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_and_every_chart_looks_at_the_functions_own_metrics(stack: str) -> None:
    resources = json.loads(
        json.dumps(decided(translated(), {})["Resources"])
        .replace('{"Ref": "AWS::StackName"}', json.dumps(stack))
        .replace("${AWS::StackName}", stack)
    )
    of_functions = {
        found["Properties"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        for found in resources.values()
        if found["Type"] == "AWS::Lambda::Function"
    }
    of_alarms = {
        found["Properties"]["Namespace"]
        for found in resources.values()
        if found["Type"] == "AWS::CloudWatch::Alarm"
    }
    of_charts = {line.namespace.replace("staging", stack) for line in lines({})}

    assert of_functions == {stack}
    assert of_charts == {stack, "AWS/SQS", "AWS/Lambda", "AWS/ApiGateway"}
    assert of_alarms == {*of_charts, "AWS/Firehose"}


def test_the_glue_database_takes_a_name_that_is_given() -> None:
    def name(values: dict[str, str]) -> object:
        return decided(translated(), values)["Resources"]["TrackDatabase"]["Properties"]["DatabaseInput"][
            "Name"
        ]

    assert name({"TrackDatabaseName": "events"}) == {"Ref": "TrackDatabaseName"}
    assert name({}) == {"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]}
