"""What the template's resources cost per month, used or not; a kind that nobody has judged is an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tools.errors import CommandError
from tools.operator.cost.use import HOURS
from tools.template.decided import decided
from tools.template.reader import Template

POLLS = HOURS * 3600 / 20 * 5
"""Requests that an event source makes to an idle queue per month: five long polls of 20 seconds at once.
Lambda keeps all five where a maximum concurrency is set:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""

PAID: Mapping[str, Mapping[str, float]] = {
    "AWS::SecretsManager::Secret": {"secrets": 1},
    "AWS::CloudWatch::Alarm": {"alarms": 1},
    "AWS::CloudWatch::Dashboard": {"dashboards": 1},
    "AWS::Lambda::EventSourceMapping": {"sqs_requests": POLLS},
    "AWS::WAFv2::WebACL": {"web_acls": 1, "web_acl_rules": 1},
}
"""Kinds of resources that cost something while nothing happens: quantities by the price's name."""

BY_USE = frozenset(
    {
        "AWS::Serverless::Function",
        "AWS::Serverless::Api",
        "AWS::SQS::Queue",
        "AWS::DynamoDB::Table",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::KinesisFirehose::DeliveryStream",
        "AWS::Athena::WorkGroup",
    }
)
"""Kinds that cost something as they are used."""

FREE = frozenset(
    {
        "AWS::Serverless::LayerVersion",
        "AWS::IAM::Role",
        "AWS::SQS::QueuePolicy",
        "AWS::S3::BucketPolicy",
        "AWS::Logs::LogStream",
        "AWS::Logs::QueryDefinition",
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::ApiKey",
        "AWS::ApiGateway::DomainName",
        "AWS::ApiGateway::BasePathMapping",
        "AWS::Route53::RecordSet",
        "AWS::WAFv2::WebACLAssociation",
    }
)
"""Kinds that cost nothing: Glue's first million objects, alias records, a regional domain name."""

PAID_PROPERTIES = frozenset(
    {
        "CacheClusterEnabled",
        "ContributorInsightsSpecification",
        "KinesisStreamSpecification",
        "KmsMasterKeyId",
        "KMSMasterKeyId",
        "MetricsEnabled",
        "PointInTimeRecoverySpecification",
        "ProvisionedConcurrencyConfig",
        "ProvisionedPollerConfig",
        "ProvisionedThroughput",
        "ReplicationConfiguration",
        "SnapStart",
    }
)
"""Properties that cost something while nothing happens, unless they are off."""


def fixed(template: Template, settings: Mapping[str, str]) -> Counter[str]:
    """What a deployment with these parameters has of each price, per month and without any traffic.

    Raises CommandError for what this file does not know to be free.
    """
    found: Counter[str] = Counter()
    for name, resource in decided(template.data, settings)["Resources"].items():
        kind = resource["Type"]
        if kind not in PAID and kind not in BY_USE and kind not in FREE:
            raise CommandError(f"{name}: what {kind} costs is unknown; say so in {__name__}")
        if unknown := sorted(set(_paid(resource.get("Properties", {})))):
            raise CommandError(f"{name}: what {', '.join(unknown)} costs is unknown; say so in {__name__}")
        for price, quantity in PAID.get(kind, {}).items():
            found[price] += quantity  # type: ignore[assignment]
    return found


def _paid(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for member in value for name in _paid(member)]
    if not isinstance(value, dict):
        return []
    own = [name for name, given in value.items() if name in PAID_PROPERTIES and given is not False]
    return own + [name for member in value.values() for name in _paid(member)]
