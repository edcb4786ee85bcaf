"""Deployments that together show every switch of the template at its other value."""

from collections.abc import Mapping

from tests.architecture.house import TEMPLATE

DOMAIN = {
    "DomainName": "api.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
}

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    **{f"without {system}": {switch: "off"} for system, switch in TEMPLATE.prefixes.items()},
    "the account's own API Gateway role, addresses in the logs, alarms to a topic": {
        "ApiGatewayLogs": "existing",
        "LogClientIp": "on",
        "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:alarms",
        "TrackDatabaseName": "events",
    },
    "no access logs, no traces, debug lines, no alarms": {
        "ApiGatewayLogs": "off",
        "Tracing": "off",
        "LogLevel": "DEBUG",
        "Monitoring": "off",
        "SavedQueries": "off",
    },
    "a database in a VPC, a rate limit, alarms without a dashboard": {
        "EventStore": "mysql+pymysql://user@host/database?secret=own",
        "VpcSubnetIds": "subnet-0a,subnet-0b",
        "VpcSecurityGroupIds": "sg-0a",
        "WafRateLimit": "1000",
        "Monitoring": "alarms",
    },
    "a domain": DOMAIN,
    "a domain with its records": DOMAIN | {"HostedZoneId": "Z123"},
}
"""One deployment each. What stands together changes values of different resources."""
