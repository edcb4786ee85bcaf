"""Endpoints: the gateway sends a call where the AWS SDKs would, in every region of every partition."""

from functools import cache
from typing import Any

import pytest
from botocore.endpoint_provider import EndpointProvider  # type: ignore[import-untyped]

from gateway.core.reply import Reply
from gateway.outbound import aws
from gateway.outbound.http_client import HttpClient
from tests.conformity.models import SERVICES, session


@cache
def loaded(name: str) -> Any:
    return session().get_component("data_loader").load_data(name)


REGIONS = sorted(
    region
    for partition in loaded("partitions")["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
)


@pytest.mark.parametrize("service", SERVICES)
def test_each_region_is_reached_where_the_sdks_reach_it(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = session().get_component("data_loader").load_service_model(service, "endpoint-rule-set-1")
    resolver = EndpointProvider(rules, loaded("partitions"))
    asked = []

    def send(_: HttpClient, method: str, url: str, **__: Any) -> Reply:
        asked.append(url.rstrip("/"))
        return Reply(status=200, headers={}, body=b"{}")

    monkeypatch.setattr(HttpClient, "send", send)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for region in REGIONS:
        monkeypatch.setenv("AWS_REGION", region)
        aws.post(service, "Any", {}, seconds=1)

    expected = [resolver.resolve_endpoint(Region=region).url.rstrip("/") for region in REGIONS]
    assert dict(zip(REGIONS, asked, strict=True)) == dict(zip(REGIONS, expected, strict=True))


def test_more_than_one_partition_is_asked() -> None:
    assert len(REGIONS) > 40
    assert {"cn-north-1", "eusc-de-east-1", "us-gov-west-1", "us-iso-east-1"} <= set(REGIONS)


def test_targets_are_the_models() -> None:
    for service, (prefix, version) in aws.TARGETS.items():
        metadata = session().get_service_model(service).metadata
        assert (prefix, version) == (metadata["targetPrefix"], metadata["jsonVersion"])
        assert "json" in metadata["protocols"]
