"""`python -m tools.release.sbom`: what is deployed, package by package, as CycloneDX 1.5."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.errors import CommandError
from tools.lock import NOT_NEEDED
from tools.places import ROOT
from tools.programs.installed import UV
from tools.release.source import head


def main() -> int:
    """Write sbom.cdx.json, dated by the commit that is checked out."""
    (ROOT / "sbom.cdx.json").write_text(sbom(ROOT, head(ROOT).when))
    return 0


def sbom(source: Path, when: datetime) -> str:
    """The bill of materials of `source`'s lock file, the same for the same lock and time.

    uv numbers each export at random and dates it by the clock; the number is derived from the content here.
    """
    found = _exported(source)
    del found["serialNumber"]
    found["metadata"]["timestamp"] = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    found["metadata"]["component"]["type"] = "application"
    digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    serial = uuid.uuid5(uuid.NAMESPACE_OID, digest)
    ordered = {"bomFormat": found.pop("bomFormat"), "specVersion": found.pop("specVersion")}
    return json.dumps(ordered | {"serialNumber": f"urn:uuid:{serial}"} | found, indent=2) + "\n"


def _exported(source: Path) -> dict[str, Any]:
    command = [str(UV), "export", "--quiet", "--frozen", "--no-default-groups", *NOT_NEEDED]
    for layer in sorted(file.parent for file in (source / "layers").glob("*/Makefile")):
        command += [] if layer.name == "shared" else ["--group", layer.name]
    command += ["--format", "cyclonedx1.5", "--directory", str(source)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise CommandError(f"`{' '.join(command)}` failed:\n{ended.stderr}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
