"""Tests of what the template becomes when it is deployed."""

from typing import Any

import pytest

from tools.local.stack import LocalStack


@pytest.fixture(scope="session")
def transformed(local: LocalStack) -> dict[str, Any]:
    """The template after SAM's transform."""
    got = local.client("cloudformation").get_template(StackName="trackgate", TemplateStage="Processed")
    found: dict[str, Any] = got["TemplateBody"]
    return found
