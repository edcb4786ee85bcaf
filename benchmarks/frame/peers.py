"""The peers: small complete projects that do what one endpoint does, built as their owners would."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.runtime.emulator import Emulator
from tests.runtime.lambda_runtime import PYTHON
from tools.local.build import ARCHITECTURE, with_first_on_path
from tools.places import ROOT
from tools.programs import process
from tools.programs.installed import SAM

PEERS = ROOT / "benchmarks" / "peers"
BUILDS = ROOT / ".aws-sam" / "peers"
HANDLER = "app.handler"


@dataclass(frozen=True)
class Peer:
    """A folder of benchmarks/peers/; `title` is its name in the figures."""

    name: str
    title: str

    @property
    def folder(self) -> Path:
        """Its project: template.yaml and src/, with its own lock."""
        return PEERS / self.name

    def build(self, log: Path) -> Path:
        """What `sam build` makes of it for this machine's processor; a fresh build is kept."""
        home = BUILDS / self.name
        home.mkdir(parents=True, exist_ok=True)
        with (home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            built, built_from = home / "build" / "NewSession", home / "built-from"
            sources = self._fingerprint()
            if not (built_from.exists() and built_from.read_text() == sources):
                built_from.unlink(missing_ok=True)
                self._build(built.parent, log)
                built_from.write_text(sources)
        return built

    def build_with_bytecode(self, log: Path) -> Path:
        """The same with the bytecode that Trackgate's layer has: used without a look at its source."""
        built = self.build(log)
        compiled = built.parent.parent / "with-bytecode"
        shutil.rmtree(compiled, ignore_errors=True)
        shutil.copytree(built, compiled)
        command = [*PYTHON, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
        subprocess.run([*command, "-s", str(compiled), "-p", "/var/task", str(compiled)], check=True)
        return compiled

    def _build(self, target: Path, log: Path) -> None:
        process.run(
            [
                *(str(SAM.python), "-m", "samcli", "build"),
                *("--template-file", str(self.folder / "template.yaml"), "--build-dir", str(target)),
                *("--parameter-overrides", f"Architecture={ARCHITECTURE}"),
            ],
            log=log,
            environment=with_first_on_path(SAM.python.parent),
            directory=self.folder,
        )

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"{ARCHITECTURE}\0{SAM.lock.read_text()}".encode())
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(self.folder)}\0".encode() + file.read_bytes())
        return digest.hexdigest()


POWERTOOLS = Peer("powertools", "Powertools")
FASTAPI = Peer("fastapi", "FastAPI")
BARE = Peer("bare", "bare")
ALL = (POWERTOOLS, FASTAPI, BARE)


def emulator(task: Path, runtime: Path, upstreams: str, variables: Mapping[str, str], log: Path) -> Emulator:
    """A built peer in an emulator, with its vendor and Secrets Manager at `upstreams`; `variables`: its
    template's others."""
    environment = {"AWS_ENDPOINT_URL": upstreams, "URL": upstreams, **variables}
    return Emulator(HANDLER, task=task, layers=(), runtime=runtime, environment=environment, log=log)
