"""What a row is given: how often to measure, Trackgate as it is built, and a place for its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.architecture.house import ENDPOINTS, TEMPLATE, WORKERS, Function
from tests.runtime.artifact import Artifact, environment
from tests.runtime.emulator import Emulator
from tests.runtime.lambda_runtime import gather
from tools.progress import Progress


@dataclass(frozen=True)
class Bench:
    """See the file. `folder` is removed after the run; `runtime` is what Lambda's image gives a function."""

    rounds: int
    folder: Path
    artifact: Artifact
    runtime: Path
    progress: Progress

    def function(self, logical_id: str) -> Function:
        """A function of the template: `AcmeEvent`."""
        (found,) = (one for one in (*ENDPOINTS, *WORKERS) if one.logical_id == logical_id)
        return found

    def start(self, logical_id: str, upstreams: str, **variables: str) -> Emulator:
        """A built function, in an emulator once that is entered; every vendor and AWS are at `upstreams`.

        As when deployed, it has a queue and a table of records if the template gives it any; `variables`
        replace the template's own.
        """
        function = self.function(logical_id)
        queue = f"{upstreams}/000000000000/queue"
        places = {"QUEUE": queue, "DEAD_LETTERS": queue, "RECORDS": "records"}
        vendors = {name: upstreams for name in TEMPLATE.settings if name.endswith("_URL")}
        settings = environment(function, vendors)
        settings |= {name: place for name, place in places.items() if name in settings}
        return Emulator(
            function.handler,
            task=self.artifact.task(function),
            layers=self.artifact.layers_of(function),
            runtime=self.runtime,
            environment=settings | {"AWS_ENDPOINT_URL": upstreams, **variables},
            log=self.folder / f"{logical_id}.log",
        )


def prepared(rounds: int, folder: Path, progress: Progress) -> Bench:
    """Build Trackgate as a deployment would, and gather the runtime."""
    with progress.step("build Trackgate"):
        artifact = Artifact.of_a_build(folder / "build", folder / "logs")
        runtime = gather(folder / "runtime")
    return Bench(rounds, folder, artifact, runtime, progress)
