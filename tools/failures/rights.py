"""Finds the statement of a documented policy that allows what somebody was refused."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from tools.places import ROOT

OPERATOR = "docs/operator-policy.json"
"""What `bin/trackgate` needs."""
DEPLOYER = "docs/deployer-policy.json"
"""What `make deploy` needs."""


def statement(policy: str, right: str) -> str:
    """The `Sid` of the statement that allows a right, empty if none does.

    `right` is an IAM action (`sqs:SendMessage`, in any case), or the operation alone where AWS does not say
    the service (`SendMessage`).
    """
    statements: list[dict[str, Any]] = json.loads((ROOT / policy).read_text())["Statement"]
    for each in statements:
        actions = [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        if any(_covers(action.lower(), right.lower()) for action in actions):
            return str(each["Sid"])
    return ""


def _covers(action: str, right: str) -> bool:
    return fnmatchcase(right if ":" in right else f"{action.partition(':')[0]}:{right}", action)
