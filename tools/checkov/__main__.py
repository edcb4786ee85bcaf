"""`python -m tools.checkov`: lists the findings with their reasons; fails if one has no reason."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding

from tools.checkov.findings import ACCEPTED, Scan
from tools.errors import CommandError
from tools.places import ROOT, TEMPLATE
from tools.programs import environment
from tools.programs.installed import SAM, Program, install_missing
from tools.template.decided import decided
from tools.template.translated import translated

CHECKOV = Program("checkov", ROOT / "tools" / "checkov")


EVERYTHING = {
    "VpcSubnetIds": "subnet-1",
    "VpcSecurityGroupIds": "sg-1",
    "WafRateLimit": "100",
    "DomainName": "api.example.com",
    "HostedZoneId": "Z1",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:000000000000:alarms",
    "LogClientIp": "on",
}
"""Parameter values that create every resource in the template."""


def scan(template: Path = TEMPLATE) -> Scan:
    """Install what is missing, transform the template, run checkov. Raises CommandError."""
    install_missing(ROOT / ".tools" / "logs", (SAM, CHECKOV))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.json"
        file.write_text(json.dumps(transformed(template), indent=1))
        look = [str(CHECKOV.python), "-m", "checkov.main", "--skip-download", "--soft-fail", "--quiet"]
        look += ["--framework", "cloudformation", "--output", "json", "--file", str(file)]
        return Scan.of(_output(look, folder).decode(), ACCEPTED.read_text())


def transformed(template: Path = TEMPLATE) -> dict[str, Any]:
    """The template as CloudFormation receives it, with everything switched on. Raises CommandError.

    checkov merges no Globals, and knows no role that SAM writes.
    """
    found = decided(translated(template), EVERYTHING)
    for resource in found["Resources"].values():
        # An OpenAPI document of 10,000 lines, which checkov does not check but takes half a minute to read.
        resource.get("Properties", {}).pop("Body", None)
    return found


def main() -> int:
    """Print the findings; 1 if there are complaints."""
    found = scan()
    console = Console(highlight=False)
    for finding, count in sorted(found.found.items(), key=str):
        accepted = found.accepted.get(finding)
        if accepted is not None:
            console.print(f"[bold]{finding.check}[/] {accepted.title} ({count} of {finding.of})")
            console.print(Padding(accepted.reason, (0, 0, 0, 4)))
    for complaint in found.complaints:
        console.print(f"[red]{complaint}[/] (tools/checkov/accepted.toml)")
    kinds = len(found.found)
    console.print(f"{found.passed} checks passed; {kinds} kinds of findings, {len(found.complaints)} to fix")
    return 1 if found.complaints else 0


def _output(command: Sequence[str], folder: str) -> bytes:
    seen = environment.without_aws(AWS_DEFAULT_REGION=environment.REGION)
    ended = subprocess.run(command, cwd=folder, env=seen, capture_output=True, check=False)
    if ended.returncode != 0:
        raise CommandError(f"{' '.join(command)} failed:\n{ended.stderr.decode()}")
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main())
