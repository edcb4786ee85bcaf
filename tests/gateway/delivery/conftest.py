"""Fixtures of the delivery's tests."""

import pytest

from gateway.outbound import aws
from tests.gateway.delivery.cloud import Aws


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Aws:
    cloud = Aws()
    monkeypatch.setattr(aws, "post", cloud)
    return cloud
