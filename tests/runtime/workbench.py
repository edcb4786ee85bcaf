"""Everything a function needs to run outside AWS: its artifact, its runtime, its upstreams, its secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.house import TEMPLATE, Function
from tests.runtime.artifact import Artifact, environment
from tests.runtime.emulator import Emulator
from tests.runtime.lambda_runtime import gather
from tests.runtime.secrets_manager import running_secrets_manager
from tools.sandbox.client import Sandbox
from tools.sandbox.running import running_sandbox
from tools.systems.onesignal.app import APP_ID

OF_THE_PEERS = "OneSignalNewSession"
"""The function whose work the peers of the bench do, too."""


@dataclass(frozen=True)
class Workbench:
    """See the file. `given` are the settings that are not at the template's defaults, by their names in a
    local run; `aws` is where Secrets Manager answers."""

    artifact: Artifact
    runtime: Path
    sandbox: Sandbox
    given: dict[str, str]
    aws: str
    folder: Path

    def start(self, function: Function, artifact: Artifact | None = None, **further: str) -> Emulator:
        """The function in an emulator, once it is entered; `further` are variables of this one alone."""
        built = artifact or self.artifact
        return Emulator(
            function.handler,
            task=built.task(function),
            layers=built.layers_of(function),
            runtime=self.runtime,
            environment=environment(function, self.given) | {"AWS_ENDPOINT_URL": self.aws, **further},
            log=self.folder / f"{function.logical_id}.log",
        )


@contextmanager
def workbench(folder: Path) -> Iterator[Workbench]:
    """Build, and keep everything under `folder` and running for the length of the block."""
    artifact = Artifact.of_a_build(folder / "build", folder / "logs")
    with running_sandbox() as sandbox, running_secrets_manager() as aws:
        given = {
            **{
                name: sandbox.base(name.removesuffix("_URL").lower())
                for name in TEMPLATE.settings
                if name.endswith("_URL")
            },
            "ONESIGNAL_APP_ID": APP_ID,
            "PUSHEXPRESS_APP_IDS": "*",
            "EVENT_STORE": f"sqlite:///{folder / 'track.db'}",
        }
        yield Workbench(artifact, gather(folder / "runtime"), sandbox, given, aws, folder)
