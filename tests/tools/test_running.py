"""A local run that finds a port taken says by whom; so that it can, each run notes who and where it is."""

from pathlib import Path

import pytest

from tools.local import running
from tools.places import Places

PORT = 3000
TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0
"""


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc in which nobody listens."""
    folder = tmp_path / "proc"
    (folder / "net").mkdir(parents=True)
    (folder / "net" / "tcp").write_text(TCP.format(state="0A"))
    return folder


def process(proc: Path, number: int, command: str, parent: int, *, listens: bool = False) -> Path:
    """One more in it."""
    folder = proc / str(number)
    (folder / "fd").mkdir(parents=True)
    (folder / "fd" / "3").symlink_to("socket:[4711]" if listens else "socket:[1]")
    (folder / "cmdline").write_bytes(command.replace(" ", "\0").encode())
    (folder / "comm").write_text(f"{command.split()[0]}\n")
    (folder / "stat").write_text(f"{number} (a (strange) name) S {parent} 1 1 0")
    return folder


def test_a_program_is_named(proc: Path) -> None:
    process(proc, 10, "bash -i", 1)
    process(proc, 20, "node server.js", 10, listens=True)

    assert running.holder(PORT, proc) == ("node, process 20", False)
    assert running.holder(PORT + 1, proc) == ("", False)


def test_a_part_of_another_run_is_known_as_that_run(proc: Path, tmp_path: Path) -> None:
    places = Places(tmp_path / "clone" / ".other")
    places.state.mkdir(parents=True)
    run = process(proc, 20, "python -m tools.local", 10)
    (run / "environ").write_bytes(b"A=b\0STATE=.other\0PATH=/bin")
    (run / "cwd").symlink_to(tmp_path / "clone")
    process(proc, 21, "python parent_watchdog.py tools.sandbox", 20, listens=True)

    before = running.holder(PORT, proc)
    running.tell(places, "http://127.0.0.1:3000")

    assert before == ("process 20", True)
    assert running.holder(PORT, proc) == (running.told(places), True)
    assert running.told(places).endswith(", http://127.0.0.1:3000")


def test_what_cannot_be_seen_is_nobody(proc: Path, tmp_path: Path) -> None:
    assert running.holder(PORT, proc) == ("", False), "another user's process"
    assert running.holder(PORT, tmp_path / "none") == ("", False), "no /proc"
    (proc / "net" / "tcp").write_text(TCP.format(state="06"))
    process(proc, 20, "node server.js", 1, listens=True)
    assert running.holder(PORT, proc) == ("", False), "a connection that is being closed"
