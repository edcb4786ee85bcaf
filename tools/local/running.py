"""Who runs: each local run notes its process and address in its lock file, and others can name it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tools.places import DEFAULT_STATE, Places

_SOCKETS = ("net/tcp", "net/tcp6")
_LISTENING = "0A"
_MODULE = b"tools.local"
BESIDE = "STATE=.trackgate-2 PORT=0 AWS_PORT=0 SANDBOX_PORT=0 CONSOLE_PORT=0"
"""The settings of a second run: free ports, and a folder of its own."""


def tell(places: Places, url: str = "") -> None:
    """Note this process, and the address of the API once it answers."""
    places.lock.write_text(f"process {os.getpid()}{f', {url}' if url else ''}")


def told(places: Places) -> str:
    """What the run that uses the folder has noted: `process 1234, http://127.0.0.1:3000`; or nothing."""
    with suppress(OSError, UnicodeDecodeError):
        return places.lock.read_text()
    return ""


def has_ended(told: str) -> bool:
    """Whether the process that has noted this is gone: what it started ends a few seconds after it."""
    number = told.partition(",")[0].removeprefix("process ")
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (ValueError, OSError):
        return False
    return False


def holder(port: int, proc: Path = Path("/proc")) -> tuple[str, bool]:
    """Who listens on a port of this machine, and whether it is a local run; of a run, what it has noted.

    `node, process 1234`. Empty where that cannot be seen: another user's process, or a system without /proc.
    """
    with suppress(OSError, ValueError):
        for process in _listeners(port, proc):
            for each in _ancestry(process, proc):
                if _MODULE in (each / "cmdline").read_bytes().split(b"\0"):
                    return told(_places(each)) or f"process {each.name}", True
            return f"{(process / 'comm').read_text().strip()}, process {process.name}", False
    return "", False


def _listeners(port: int, proc: Path) -> Iterator[Path]:
    """The folders of the processes that listen on a port, at whatever address."""
    rows = [row.split() for file in _SOCKETS if (proc / file).exists() for row in _rows(proc / file)]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == _LISTENING and _port(row[1]) == port}
    for process in proc.iterdir() if sockets else ():
        if process.name.isdecimal():
            with suppress(OSError):
                if any(str(file.readlink()) in sockets for file in (process / "fd").iterdir()):
                    yield process


def _rows(file: Path) -> list[str]:
    return file.read_text().splitlines()[1:]


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _ancestry(process: Path, proc: Path) -> Iterator[Path]:
    """A process, its parent, and so on: parts of a run have processes of their own."""
    while process.name not in ("0", "1"):
        yield process
        # The name before it, in brackets, may hold spaces.
        process = proc / (process / "stat").read_text().rpartition(")")[2].split()[1]


def _places(process: Path) -> Places:
    """The state folder of a run that the same user has started."""
    variables = (process / "environ").read_bytes().split(b"\0")
    given = dict(each.decode(errors="replace").partition("=")[::2] for each in variables)
    folder = (process / "cwd").readlink()
    return Places(folder / (given.get("STATE") or DEFAULT_STATE.name))
