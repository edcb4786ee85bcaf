"""What a local run cannot start with is said at once, in one sentence that names the way out."""

import errno
import fcntl
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import pytest

from tools.errors import CommandError
from tools.failures import disk
from tools.local import ports, settings, stack
from tools.local.ports import claim, free_port, netloc, network_address, port_of, reachable
from tools.places import ROOT
from tools.programs import installed
from tools.progress import Progress
from tools.send.running import Running

ALL = "0.0.0.0"  # noqa: S104 - nothing is bound to it


def refused(state: Path, environment: Mapping[str, str]) -> str:
    """What `make local` says; it fails the test if anything is started."""
    names = ("PORT", "AWS_PORT", "SANDBOX_PORT", "CONSOLE_PORT")
    free = {**dict.fromkeys(names, "0"), "STATE": str(state)}
    run = settings.from_environment
    with (
        mock.patch.object(installed, "install_missing", side_effect=AssertionError("it starts")),
        pytest.raises(CommandError) as raised,
        run({**free, **environment}, Progress(quiet=True), threading.Event()),
    ):
        pytest.fail("it runs")
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RETRY_SCALE", "2", "RETRY_SCALE=2 is not from 0.001 to 1 (RetryScale in template.yaml)"),
        ("RETRY_SCALE", "0", "RETRY_SCALE=0 is not from 0.001 to 1"),
        ("SEND_SECONDS", "0", "SEND_SECONDS=0 is not from 0.2 to 15"),
        ("AWS_PORT", "abc", "AWS_PORT=abc is not a port: use a number from 1 to 65535"),
        ("SANDBOX_PORT", "65536", "SANDBOX_PORT=65536 is not a port"),
        ("CONSOLE_PORT", "-1", "CONSOLE_PORT=-1 is not a port"),
        ("PORT", "٣٠٠٠", "PORT=٣٠٠٠ is not a port"),
        ("DRAIN", "soon", "DRAIN=soon is not a number of seconds: use 30"),
        ("HOST", "nosuch.invalid", "HOST=nosuch.invalid is not an address of this machine: use 127.0.0.1"),
        ("HOST", "192.0.2.1", "HOST=192.0.2.1 is not an address of this machine: use 127.0.0.1"),
        ("STATE", f"{os.devnull}/state", "null/state cannot be written (Not a directory): choose a folder"),
    ],
)
def test_a_setting(tmp_path: Path, name: str, value: str, said: str) -> None:
    # A name that no resolver knows, whatever the network of this machine answers.
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    known = socket.getaddrinfo

    def look_up(host: str, *of: object, **given: int) -> object:
        if host.endswith(".invalid"):
            raise unknown
        return known(host, *of, **given)  # type: ignore[arg-type]

    with mock.patch.object(socket, "getaddrinfo", look_up):
        assert said in refused(tmp_path, {name: value})


def test_a_checkout_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not by its mode: root writes anywhere.
    (tmp_path / "checkout").touch()
    monkeypatch.setattr(stack, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(stack, "TOOLS", tmp_path / "checkout" / ".tools")

    said = refused(tmp_path / "state", {})

    assert said == (
        f"{tmp_path / 'checkout'} cannot be written (Not a directory): "
        "clone the project into a folder of your own"
    )


def test_a_folder_for_logs_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()

    said = refused(tmp_path, {})

    assert said.startswith(
        f"{tmp_path / 'logs'} cannot be written (File exists): choose a folder of your own"
    )


def test_a_run_that_was_killed_a_moment_ago(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"process {ended.pid}, http://127.0.0.1:3000")
        lock.flush()

        said = refused(tmp_path, {})

    assert said.startswith(f"the run before (process {ended.pid}, http://127.0.0.1:3000) has ended, and ")
    assert said.endswith("try again in a few seconds")


def test_ports_of_another_local_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "holder", lambda port: ("process 7, http://127.0.0.1:3000", True))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = refused(tmp_path, {"SANDBOX_PORT": str(taken.getsockname()[1])})

    assert "belongs to another local run (process 7, http://127.0.0.1:3000): use that one, stop it" in said
    assert "`make local STATE=.trackgate-2 PORT=0" in said


def test_no_free_port() -> None:
    full = OSError(errno.EADDRINUSE, "Address already in use")

    with mock.patch.object(ports, "free_port", side_effect=full), pytest.raises(CommandError) as raised:
        claim(0, "PORT")

    assert str(raised.value).startswith("no port on 127.0.0.1 is free (Address already in use): close ")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full: free some space"),
        (OSError(errno.ENOSPC, "No space left on device", "/a/b"), "the disk is full (/a/b): free"),
        (OSError(errno.EROFS, "Read-only file system", "/a"), "/a cannot be read or written (Read-only file"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/a"),
            "/a cannot be read or written (Permission",
        ),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), None),
    ],
)
def test_what_the_disk_refuses(error: OSError, said: str | None) -> None:
    sentence = disk.sentence(error)

    assert sentence is None if said is None else str(sentence).startswith(said)


def test_a_package_that_is_missing() -> None:
    done = subprocess.run(
        # Without the virtual environment's packages.
        [sys.executable, "-S", "-m", "tools.local"],
        cwd=ROOT,
        env={"PYTHONPATH": "functions:layers/shared"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("the Python package ")
    assert done.stderr.endswith(" is missing: run `rm -r .venv; make local`\n")


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            CommandError, match=rf"port {port} on 127\.0\.0\.1 .* `make local PORT={port + 1}`"
        ):
            claim(port, "PORT")


@pytest.mark.parametrize("name", ["PORT", "AWS_PORT", "SANDBOX_PORT", "CONSOLE_PORT"])
def test_the_setting_of_a_port_that_is_taken_is_named(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = refused(tmp_path, {name: str(taken.getsockname()[1])})

    assert f"`make local {name}=" in said


@pytest.mark.parametrize(
    ("host", "url", "network"),
    [
        ("127.0.0.1", "127.0.0.1:3000", "127.0.0.1:3000"),
        ("::1", "[::1]:3000", "[::1]:3000"),
        (ALL, "127.0.0.1:3000", None),
        ("::", "[::1]:3000", None),
    ],
)
def test_the_url_of_a_host(host: str, url: str, network: str | None) -> None:
    assert netloc(reachable(host), 3000) == url
    assert Running.found({"HOST": host}).url == f"http://{url}"
    if network is not None:
        assert netloc(network_address(host), 3000) == network


def test_ipv6_ports_are_claimed_apart() -> None:
    try:
        port = free_port("::1")
    except OSError:
        pytest.skip("this machine has no ::1")

    with socket.create_server(("::1", port), family=socket.AF_INET6):
        assert claim(port, "PORT") == port
        with pytest.raises(CommandError, match=f"port {port} on ::1"):
            claim(port, "PORT", "::1")


def test_a_port_that_is_not_given_is_the_default() -> None:
    assert port_of({"PORT": ""}, "PORT", 3000) == 3000
    assert port_of({"PORT": "0"}, "PORT", 3000) == 0
