"""SAM's transform of the template, offline: the roles, permissions and API that SAM writes from it."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tools.errors import CommandError
from tools.places import ROOT, TEMPLATE
from tools.programs import environment
from tools.programs.installed import SAM, install_missing


@cache
def translated(template: Path = TEMPLATE) -> dict[str, Any]:
    """The translated template, with intrinsic functions in long form. Installs SAM. Raises CommandError."""
    install_missing(ROOT / ".tools" / "logs", (SAM,))
    script = Path(__file__).with_name("sam.py")
    command = [str(SAM.python), str(script), str(template.resolve())]
    seen = environment.without_aws(AWS_DEFAULT_REGION=environment.REGION)
    ended = subprocess.run(command, cwd=ROOT, env=seen, capture_output=True, check=False)
    if ended.returncode != 0:
        raise CommandError(f"{' '.join(command)} failed:\n{ended.stderr.decode()}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found
