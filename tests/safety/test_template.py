"""What the template promises of who may do what, and of how what it keeps is kept."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.architecture.house import ALL, TEMPLATE, Function
from tools.checkov.__main__ import transformed

RESOURCES: Mapping[str, Mapping[str, Any]] = TEMPLATE.data["Resources"]

OWN = re.compile(rf"^({'|'.join(TEMPLATE.prefixes.values())})(Secret|Queue|DeadLetters|Records|Stream)$")

SAM_ADDS = {"service-role/AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}
"""The managed policies, with wildcards, that SAM puts on a role: to write logs, and traces."""

SAM_ADDS_FOR_A_VPC = {"service-role/AWSLambdaVPCAccessExecutionRole"}
"""And on the roles of functions that may be in a VPC. docs/security.md has the reasons."""


def _of_type(kind: str) -> dict[str, Mapping[str, Any]]:
    return {name: found["Properties"] for name, found in RESOURCES.items() if found["Type"] == kind}


def _statements(function: Function) -> Iterator[Mapping[str, Any]]:
    for policy in function.properties.get("Policies", []):
        for statement in policy["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def _named(resource: Any) -> str:
    """`TraxQueue` of `!Ref TraxQueue` and `!GetAtt TraxQueue.Arn`."""
    found = resource.get("Ref") or str(resource["Fn::GetAtt"]).removesuffix(".Arn")
    return str(found)


@pytest.mark.parametrize("function", ALL, ids=str)
def test_a_function_reaches_what_is_its_own_systems_alone(function: Function) -> None:
    for statement in _statements(function):
        named = _named(statement["Resource"])
        found = OWN.match(named)

        assert found, f"{function}: {named} belongs to no system"
        assert found[1].lower() == function.system, f"{function} may use {named}"


@pytest.mark.parametrize("function", [one for one in ALL if one.routes], ids=str)
def test_a_door_may_put_into_a_queue_and_never_look_into_it(function: Function) -> None:
    actions = [
        action
        for statement in _statements(function)
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    ]

    assert {action for action in actions if action.startswith("sqs:")} <= {"sqs:SendMessage"}
    assert {action for action in actions if action.startswith("dynamodb:")} <= {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    }
    assert {action for action in actions if action.startswith("secretsmanager:")} <= {
        "secretsmanager:GetSecretValue"
    }


def test_wildcards_stand_in_sams_own_policies_alone() -> None:
    resources = transformed()["Resources"]
    roles = {
        name: found["Properties"] for name, found in resources.items() if found["Type"] == "AWS::IAM::Role"
    }
    of_functions = {f"{function.logical_id}Role": function for function in ALL}

    assert of_functions.keys() <= roles.keys()
    for name, role in roles.items():
        written = json.dumps([policy["PolicyDocument"]["Statement"] for policy in role.get("Policies", [])])
        assert '"*"' not in written, f"{name} reaches everything"
        assert not re.search(r'"[a-z0-9-]+:[A-Za-z]*\*', written), f"{name} may do everything"
    for name, function in of_functions.items():
        added = {arn.partition(":aws:policy/")[2] for arn in roles[name]["ManagedPolicyArns"]}
        assert added == SAM_ADDS | (SAM_ADDS_FOR_A_VPC if "VpcConfig" in function.properties else set())


def test_everything_that_is_kept_is_encrypted() -> None:
    queues, tables, buckets = map(_of_type, ("AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::S3::Bucket"))

    for queue in queues.values():
        assert queue["SqsManagedSseEnabled"] is True
    for table in tables.values():
        assert table["SSESpecification"]["SSEEnabled"] is True
    for bucket in buckets.values():
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    for stream in _of_type("AWS::KinesisFirehose::DeliveryStream").values():
        assert stream["DeliveryStreamEncryptionConfigurationInput"]["KeyType"]
    for group in _of_type("AWS::Athena::WorkGroup").values():
        results = group["WorkGroupConfiguration"]["ResultConfiguration"]
        assert results["EncryptionConfiguration"]["EncryptionOption"]


def test_nothing_that_is_kept_is_public() -> None:
    for bucket in _of_type("AWS::S3::Bucket").values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@pytest.mark.parametrize(
    ("kind", "policies", "names"),
    [
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
    ],
)
def test_queues_and_buckets_refuse_what_comes_without_tls(kind: str, policies: str, names: str) -> None:
    covered = set()
    for policy in _of_type(policies).values():
        refused = [
            statement
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny"
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            and statement["Principal"] == "*"
        ]
        on = policy[names] if isinstance(policy[names], list) else [policy[names]]
        covered |= {one["Ref"] for one in on if refused}
        granted = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] != "Deny"]
        assert granted == [], "a policy of a queue or a bucket opens it to others"

    assert covered == set(_of_type(kind))


def test_domains_speak_no_tls_older_than_1_2() -> None:
    for domain in _of_type("AWS::ApiGateway::DomainName").values():
        assert domain["SecurityPolicy"] == "TLS_1_2"


def test_what_is_remembered_of_a_call_expires() -> None:
    for table in _of_type("AWS::DynamoDB::Table").values():
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    for queue in _of_type("AWS::SQS::Queue").values():
        assert queue["MessageRetentionPeriod"] <= 14 * 24 * 3600
    for group in _of_type("AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_no_secret_is_in_an_environment_variable() -> None:
    variables = dict(TEMPLATE.data["Globals"]["Function"]["Environment"]["Variables"])
    for function in ALL:
        variables |= function.properties.get("Environment", {}).get("Variables", {})
    secret = [name for name in TEMPLATE.parameters if TEMPLATE.parameters[name].get("NoEcho")]

    assert secret == [], "a parameter that must not be shown belongs into Secrets Manager"
    for name, value in variables.items():
        assert "secretsmanager" not in json.dumps(value), f"{name} is resolved to a secret's text"
        assert not re.search(r"TOKEN|PASSWORD|CREDENTIAL|API_KEY$", name), f"{name} sounds like a secret"


def test_a_flood_is_answered_with_a_time_to_come_again() -> None:
    responses = TEMPLATE.gateway_responses
    settings = RESOURCES["Api"]["Properties"]["MethodSettings"]

    assert [(one["ResourcePath"], one["HttpMethod"]) for one in settings] == [("/*", "*")], "each route's own"
    assert settings[0]["ThrottlingRateLimit"] == {"Ref": "ThrottleRate"}
    assert settings[0]["ThrottlingBurstLimit"] == {"Ref": "ThrottleBurst"}
    throttled = responses["THROTTLED"]
    assert throttled["ResponseParameters"]["Headers"]["Retry-After"] == "'1'"
    assert throttled["ResponseParameters"]["Headers"]["Access-Control-Allow-Origin"] == "'*'"
    assert _keys(throttled["ResponseTemplates"]["application/json"]) == ["message", "error", "description"]


def test_the_rate_rule_is_off_by_default_and_says_the_same() -> None:
    rule, association = RESOURCES["RateRule"], RESOURCES["RateRuleAssociation"]
    properties = rule["Properties"]
    block = properties["Rules"][0]["Action"]["Block"]["CustomResponse"]
    headers = {one["Name"]: one["Value"] for one in block["ResponseHeaders"]}

    assert TEMPLATE.parameters["WafRateLimit"]["Default"] == "off"
    assert TEMPLATE.data["Conditions"]["HasRateRule"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "WafRateLimit"}, "off"]}]
    }
    assert rule["Condition"] == association["Condition"] == "HasRateRule"
    assert block["ResponseCode"] == 429
    assert headers.keys() == {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Retry-After"}
    assert _keys(properties["CustomResponseBodies"]["throttled"]["Content"]) == [
        "message",
        "error",
        "description",
    ]
    for shown in (properties, properties["Rules"][0]):
        assert shown["VisibilityConfig"]["SampledRequestsEnabled"] is False, "samples hold URLs and headers"


def test_the_rate_limit_takes_off_or_a_number() -> None:
    assert TEMPLATE.refusal("WafRateLimit", "off") is None
    assert TEMPLATE.refusal("WafRateLimit", "2000") is None
    assert TEMPLATE.refusal("WafRateLimit", "0") is not None
    assert TEMPLATE.refusal("WafRateLimit", "on") is not None


def test_api_gateway_writes_no_bodies_queries_or_traces() -> None:
    api = RESOURCES["Api"]["Properties"]

    assert api["TracingEnabled"] is False
    assert api["MethodSettings"][0]["DataTraceEnabled"] is False
    assert api["MethodSettings"][0]["LoggingLevel"] == "OFF"
    assert TEMPLATE.parameters["LogClientIp"]["Default"] == "off"


def _keys(body: str) -> list[str]:
    return re.findall(r'"(\w+)":', body)
