"""Tests of what the template becomes when it is deployed."""

from typing import Any

import pytest

from tests.stack import stack
from tools.local import LocalStack

__all__ = ["stack"]


@pytest.fixture(scope="session")
def transformed(stack: LocalStack) -> dict[str, Any]:
    """The template after SAM's transform."""
    got = stack.client("cloudformation").get_template(StackName="trackgate", TemplateStage="Processed")
    found: dict[str, Any] = got["TemplateBody"]
    return found
