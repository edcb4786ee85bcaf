"""pip-audit's result: no advisories, some advisories, or that it could not look them up."""

from __future__ import annotations

import json
from dataclasses import dataclass


class NotAudited(Exception):
    """pip-audit could not look anything up; the text is its own last line."""


@dataclass(frozen=True)
class Advisory:
    """One advisory for one package; `fixed_in`: versions separated by commas, or `none yet`."""

    package: str
    version: str
    id: str
    fixed_in: str


def advisories(output: str, complaints: str) -> list[Advisory]:
    """Of pip-audit's standard output (`--format json`) and standard error. Raises NotAudited.

    Its exit status is 1 for an advisory and for an index that does not answer alike.
    """
    try:
        audited = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        lines = complaints.strip().splitlines() or ["no answer"]
        raise NotAudited(lines[-1]) from None
    skipped = [one["name"] for one in audited if "skip_reason" in one]
    if skipped:
        raise NotAudited(f"pip-audit does not know {', '.join(skipped)}")
    return [
        Advisory(one["name"], one["version"], known["id"], ", ".join(known["fix_versions"]) or "none yet")
        for one in audited
        for known in one["vulns"]
    ]
