"""AWS's errors as the operator's commands report them."""

from tools.failures.aws import NO_ANSWER, Failures, code, explained, missing_right

__all__ = ["NO_ANSWER", "Failures", "code", "explained", "missing_right"]
