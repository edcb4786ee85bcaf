"""Where things are: in the checkout, and under the state folder of one local run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "template.yaml"
TOOLS = ROOT / ".tools"
GUARD = ROOT / "tools" / "guard.py"
BUILD = ROOT / ".aws-sam" / "local"
"""Apart from `.aws-sam/build`, which is built for AWS and its processor."""

DEFAULT_STATE = ROOT / ".trackgate"


@dataclass(frozen=True)
class Places:
    """The state folder of one local run. Two runs may not share one."""

    state: Path

    @property
    def lock(self) -> Path:
        """Held while a run uses the folder."""
        return self.state / "lock"

    @property
    def logs(self) -> Path:
        """A file a part: build.log, deploy.log, ministack.log, sandbox.log, and functions.log."""
        return self.state / "logs"

    @property
    def scratch(self) -> Path:
        """What the functions' processes are unpacked into; gone after the run."""
        return self.state / "scratch"

    @property
    def aws(self) -> Path:
        """What the local AWS writes of itself when it ends: everything, secrets included."""
        return self.state / "aws"

    @property
    def kept(self) -> Path:
        """What was acknowledged by earlier runs and is in no queue yet."""
        return self.state / "kept.json"

    @property
    def secrets(self) -> Path:
        """Client keys and credentials that were made with the operator's CLI, see secret_snapshot.py."""
        return self.state / "secrets.json"

    @property
    def parameters(self) -> Path:
        """The template's parameters of this run, as the SAM CLI reads them."""
        return self.state / "parameters.yaml"

    @property
    def certificate(self) -> Path:
        """The authority that signed the throw-away certificate of `TLS=1`."""
        return self.state / "ca.pem"

    @property
    def ledger(self) -> Path:
        """What the sandbox upstreams were sent."""
        return self.state / "ledger.ndjson"
