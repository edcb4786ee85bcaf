"""Programs that the tools run end when they are told to, in whatever thread they are waited for."""

import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.until import until
from tools.errors import CommandError
from tools.programs import installed
from tools.programs.process import run, tail

SLEEPER = [sys.executable, "-uc", "print('here'); import time; time.sleep(60)"]


def test_a_command_in_another_thread_is_stopped(tmp_path: Path) -> None:
    log, stop = tmp_path / "log", threading.Event()
    with ThreadPoolExecutor() as pool:
        running = pool.submit(run, SLEEPER, log=log, environment={}, directory=tmp_path, stop=stop)
        until(lambda: log.exists() and "here" in log.read_text())
        stop.set()

        with pytest.raises(CommandError, match="stopped"):
            running.result(30)


def test_the_first_installation_that_fails_stops_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stub(installed.Program):
        @property
        def is_installed(self) -> bool:
            return False

        def install(self, log: Path, stop: threading.Event | None = None) -> None:
            if self.name == "broken":
                raise CommandError("no network")
            assert stop is not None
            assert stop.wait(30), "it would have gone on"

    monkeypatch.setattr(installed, "TOOLS", tmp_path)
    monkeypatch.setattr(installed, "UV", Path(sys.executable))

    with pytest.raises(CommandError, match="no network"):
        installed.install_missing(tmp_path, [Stub("broken"), Stub("slow")])


def test_a_log_that_ends_because_the_disk_is_full_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "a.log"
    log.write_text("one\ntwo\n")
    enough = tail(log)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))

    assert enough == f"one\ntwo\n(full log: {log})"
    assert tail(log) == f"{enough}\nthe disk of {tmp_path} is full: free some space"
