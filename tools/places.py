"""Paths: in the checkout, and in the state folder of a local run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "template.yaml"
EVENTS = ROOT / "events"
"""The sample events: `<system>/<endpoint>.json`."""

BATCH = "batch"
"""The name of a system's sample event that is a batch, and no endpoint's."""

TOOLS = ROOT / ".tools"
GUARD = ROOT / "tools" / "guard.py"
BUILD = ROOT / ".aws-sam" / "local"
"""Separate from `.aws-sam/build`, which is built for AWS and its processor."""

DEFAULT_STATE = ROOT / ".trackgate"


@dataclass(frozen=True)
class Places:
    """The state folder of one local run. Two runs may not share one."""

    state: Path

    @property
    def lock(self) -> Path:
        """Locked while a run uses the folder."""
        return self.state / "lock"

    @property
    def logs(self) -> Path:
        """One file per part: build.log, deploy.log, ministack.log, sandbox.log, functions.log."""
        return self.state / "logs"

    @property
    def function_lines(self) -> Path:
        """The functions' log lines, each there before its call has returned; emptied at each start."""
        return self.logs / "functions.log"

    @property
    def scratch(self) -> Path:
        """Working files of the functions' processes; removed after the run."""
        return self.state / "scratch"

    @property
    def aws(self) -> Path:
        """The state that the local AWS writes when it ends, secrets included."""
        return self.state / "aws"

    @property
    def queue_snapshot(self) -> Path:
        """Events that earlier runs acknowledged and that are in no queue yet, see queue_snapshot.py."""
        return self.state / "kept.json"

    @property
    def secret_snapshot(self) -> Path:
        """Client keys and credentials that were made with the operator's CLI, see secret_snapshot.py."""
        return self.state / "secrets.json"

    @property
    def parameters(self) -> Path:
        """The template's parameters of this run, as the SAM CLI reads them."""
        return self.state / "parameters.yaml"

    @property
    def certificate(self) -> Path:
        """The authority that signed the throwaway certificate of `TLS=1`."""
        return self.state / "ca.pem"

    @property
    def ledger(self) -> Path:
        """The requests that the sandbox received."""
        return self.state / "ledger.ndjson"
