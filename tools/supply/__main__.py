"""`python -m tools.supply`: pip-audit over every lock. Needs PyPI's advisories, so a network that has them.

Ends with 0 (nothing is known against any package), 1 (something is), or 2 (nothing could be learnt).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.lock import PROGRAMS
from tools.places import ROOT
from tools.programs import environment
from tools.programs.installed import UV, Program, install_missing
from tools.supply.advisories import Advisory, NotAudited, advisories

PIP_AUDIT = Program("pip-audit", Path(__file__).parent)

ENDS = {"clean": 0, "advisories": 1, "not audited": 2}


def main() -> int:
    """See the module."""
    install_missing(ROOT / ".tools" / "logs", (PIP_AUDIT,))
    found: list[Advisory] = []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "uv.lock.txt"
        export = [str(UV), "export", "--quiet", "--frozen", "--all-groups", "--no-emit-project"]
        subprocess.run(
            [*export, "--output-file", str(project)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        for lock in [project, *PROGRAMS]:
            try:
                of_lock = audit(lock)
            except NotAudited as error:
                print(f"{_shown(lock)}: not audited: {error}", file=sys.stderr)
                return ENDS["not audited"]
            print(f"{_shown(lock)}: {len(of_lock)} advisories")
            found += of_lock
    for advisory in found:
        print(f"{advisory.package} {advisory.version}: {advisory.id}, fixed in {advisory.fixed_in}")
    return ENDS["advisories" if found else "clean"]


def audit(lock: Path) -> list[Advisory]:
    """The advisories for a lock's packages. Raises NotAudited."""
    look = [
        str(PIP_AUDIT.python),
        "-m",
        "pip_audit",
        "--strict",
        "--progress-spinner",
        "off",
        "--format",
        "json",
    ]
    look += ["--disable-pip", "--require-hashes", "--requirement", str(lock)]
    ended = subprocess.run(look, env=environment.without_aws(), capture_output=True, text=True, check=False)
    return advisories(ended.stdout, ended.stderr)


def _shown(lock: Path) -> str:
    return str(lock.relative_to(ROOT)) if lock.is_relative_to(ROOT) else "uv.lock"


if __name__ == "__main__":
    sys.exit(main())
