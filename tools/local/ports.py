"""The ports of a local run: read from the settings, and checked before anything is started."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from typing import Any

from tools.errors import CommandError
from tools.local.running import BESIDE, holder
from tools.programs.environment import given

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what HOST says; nothing is bound unasked
_FIRST_FOR_EVERYBODY = 1024


def port_of(environment: Mapping[str, str], name: str, default: int) -> int:
    """The port that a setting names; 0 means a free one. Raises CommandError."""
    text = given(environment, name, str(default))
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise CommandError(f"{name}={text} is not a port: use a number from 1 to 65535, or 0 for a free port")
    return int(text)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free at the moment. Raises OSError if `host` is not this machine."""
    ((family, address),) = _addresses(host, 0)[:1]
    with socket.socket(family) as probe:
        probe.bind(address)
        port: int = probe.getsockname()[1]
    return port


def reachable(host: str) -> str:
    """The address at which this machine reaches itself if it listens on `host`."""
    return _EVERYWHERE.get(host, host)


def netloc(host: str, port: int) -> str:
    """`127.0.0.1:3000` or `[::1]:3000`, as a URL has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def network_address(host: str) -> str:
    """The address at which other machines reach one that listens on `host`; loopback without a network."""
    if host not in _EVERYWHERE:
        return host
    # Chooses the interface and sends nothing; the addresses are reserved for documentation.
    family, other = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((other, 9))
        except OSError:
            return reachable(host)
        address: str = probe.getsockname()[0]
    return address


def claim(port: int, setting: str, host: str = "127.0.0.1") -> int:
    """The port itself, or a free one for 0. Raises CommandError, naming `setting`, if it is not available."""
    try:
        if port == 0:
            return free_port(host)
        for family, address in _addresses(host, port):
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
    except OSError as error:
        raise refused(error, port, setting, host) from error
    return port


def refused(error: OSError, port: int, setting: str, host: str = "127.0.0.1") -> CommandError:
    """Why nothing can listen there, and what to do; `setting` names the port."""
    return CommandError(_reason(error, port, setting, host))


def _addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """Every address of a name, with its family."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return [(int(family), address) for family, _, _, _, address in found]


def _reason(error: OSError, port: int, setting: str, host: str) -> str:
    if isinstance(error, socket.gaierror) or error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return (
            f"HOST={host} is not an address of this machine: use 127.0.0.1, ::1, or 0.0.0.0 for the network"
        )
    if error.errno == errno.EACCES and port < _FIRST_FOR_EVERYBODY:
        return f"port {port} is reserved for root: use another one with `make local {setting}={port + 8000}`"
    if port == 0:
        return f"no port on {host} is free ({error.strerror}): close programs that hold connections open"
    # asyncio puts a sentence of its own in `strerror`.
    meaning = os.strerror(error.errno) if error.errno else str(error)
    who, is_run = holder(port)
    if is_run:
        return (
            f"port {port} on {host} belongs to another local run ({who}): use that one, stop it first, "
            f"or run beside it with `make local {BESIDE}`"
        )
    by = f" by {who}" if who else ""
    another = port + 1 if port < 65535 else port - 1
    return (
        f"port {port} on {host} is not available ({meaning}{by}): stop the program that uses it, "
        f"or use another one with `make local {setting}={another}`"
    )
