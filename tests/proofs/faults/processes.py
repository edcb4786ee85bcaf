"""The functions' processes of one local run and no others: children of the MiniStack that it started."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Killed:
    """A process that was killed: `at` is in Unix seconds, `function` its function's name."""

    at: float
    pid: int
    function: str
    why: str


class Functions:
    """Finds and kills the processes that run the deployed functions."""

    def __init__(self, local_aws: str) -> None:
        """`local_aws`: the URL of this run's local AWS, whose children they are."""
        self._port = local_aws.rpartition(":")[2]
        self._parent = self._find_parent()

    def all(self) -> dict[int, str]:
        """Function names by pid."""
        found = {}
        for pid in _children(self._parent):
            if name := _environment(pid).get("AWS_LAMBDA_FUNCTION_NAME"):
                found[pid] = name
        return found

    def of_connection(self, port: int) -> int | None:
        """The process whose socket has this local port, if it is one of ours."""
        inode = next(
            (
                fields[9]
                for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:]
                if int((fields := line.split())[1].rpartition(":")[2], 16) == port and fields[9] != "0"
            ),
            None,
        )
        return next((pid for pid in _children(self._parent) if inode in _sockets(pid)), None)

    def kill(self, pid: int) -> str | None:
        """SIGKILL to one of them; its function's name, None if it was none of ours or is gone."""
        name = self.all().get(pid)
        if name is None:
            return None
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return None
        return name

    def any(self, chance: random.Random) -> int | None:
        """One of them, by chance."""
        pids = sorted(self.all())
        return chance.choice(pids) if pids else None

    def _find_parent(self) -> int:
        for pid in _children(os.getpid()):
            if _environment(pid).get("GATEWAY_PORT") == self._port:
                return pid
        raise LookupError(f"no local AWS of ours at port {self._port}")


def _children(parent: int) -> list[int]:
    found = []
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # "pid (name) state ppid …", and a name may hold anything
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(entry.name))
    return found


def _environment(pid: int) -> dict[str, str]:
    try:
        raw = (_PROC / str(pid) / "environ").read_bytes().decode(errors="replace")
    except OSError:
        return {}
    return dict(pair.split("=", 1) for pair in raw.split("\0") if "=" in pair)


def _sockets(pid: int) -> set[str]:
    """The inodes of a process's sockets."""
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in (_PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                kind, _, inode = str(descriptor.readlink()).partition(":[")
                if kind == "socket":
                    found.add(inode.removesuffix("]"))
    return found
