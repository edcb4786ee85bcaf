"""cfn-lint of what SAM makes of the template, with each switch at its other value."""

import json
from collections.abc import Mapping

import cfnlint.api
import pytest
from cfnlint.config import ManualArgs

from tests.architecture.house import TEMPLATE
from tools.local.environment import REGION
from tools.translation.decided import Conditions, decided
from tools.translation.translated import translated

DOMAIN = {
    "DomainName": "api.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
}

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    "without OneSignal": {"OneSignal": "off"},
    "without Trax": {"Trax": "off"},
    "without push.express": {"PushExpress": "off"},
    "without MyTracker": {"MyTracker": "off"},
    "without track": {"Track": "off"},
    "the account's own API Gateway role, addresses in the logs, alarms to a topic": {
        "ApiGatewayLogs": "existing",
        "LogClientIp": "on",
        "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:alarms",
        "TrackDatabaseName": "events",
    },
    "no access logs, no traces, debug lines": {
        "ApiGatewayLogs": "off",
        "Tracing": "off",
        "LogLevel": "DEBUG",
    },
    "a database in a VPC, a rate limit": {
        "EventStore": "mysql+pymysql://user@host/database?secret=own",
        "VpcSubnetIds": "subnet-0a,subnet-0b",
        "VpcSecurityGroupIds": "sg-0a",
        "WafRateLimit": "1000",
    },
    "a domain": DOMAIN,
    "a domain with its records": DOMAIN | {"HostedZoneId": "Z123"},
}
"""One deployment each. What stands together changes values of different resources."""


@pytest.mark.parametrize("values", VARIANTS.values(), ids=VARIANTS)
def test_cloudformation_would_take_it(values: Mapping[str, str]) -> None:
    text = json.dumps(decided(translated(), values), indent=1)

    found = cfnlint.api.lint(text, config=ManualArgs(regions=[REGION], ignore_checks=["W"]))

    assert [f"{one.rule.id} {one.path}: {one.message}" for one in found] == []


@pytest.mark.parametrize("condition", TEMPLATE.data["Conditions"])
def test_every_condition_is_linted_both_true_and_false(condition: str) -> None:
    held = {Conditions(translated(), values).hold(condition) for values in VARIANTS.values()}

    assert held == {True, False}, (
        f"tests/template/test_lint.py has no variant for the other side of {condition}"
    )
