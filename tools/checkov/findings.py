"""checkov's findings, and which of them were accepted for which reason."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCEPTED = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True)
class Finding:
    """One policy that resources of one type violate: `CKV_AWS_27` of `AWS::SQS::Queue`."""

    check: str
    of: str


@dataclass(frozen=True)
class Accepted:
    """Why a finding stays."""

    title: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """How many resources each finding concerns, how many checks passed, and what has been accepted."""

    found: Mapping[Finding, int]
    passed: int
    accepted: Mapping[Finding, Accepted]

    @classmethod
    def of(cls, report: str, accepted: str) -> Scan:
        """From checkov's report (`-o json`) and the text of `accepted.toml`."""
        parsed: dict[str, Any] = json.loads(report)
        failed = parsed.get("results", {}).get("failed_checks", [])
        found = Counter(Finding(one["check_id"], one["resource"].rpartition(".")[0]) for one in failed)
        reasons = {
            Finding(one["check"], one["of"]): Accepted(one["title"], one["reason"])
            for one in tomllib.loads(accepted)["finding"]
        }
        return cls(found, parsed["summary"]["passed"], reasons)

    @property
    def complaints(self) -> list[str]:
        """Findings without a reason, and reasons without a finding."""
        new = self.found.keys() - self.accepted.keys()
        stale = self.accepted.keys() - self.found.keys()
        return [
            *sorted(f"{one.check} of {self.found[one]} {one.of}: no reason is written" for one in new),
            *sorted(f"{one.check} of {one.of}: accepted, but no longer found" for one in stale),
        ]
