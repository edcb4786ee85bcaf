"""The operator's stack, for samples that the operator's commands read."""

from tests.operator.conftest import permitted, wide, world

__all__ = ["permitted", "wide", "world"]
