"""Which ports a local run listens on: asked for before anything is started, so that a clash costs no time."""

from __future__ import annotations

import socket

from tools.local.trouble import Trouble


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def network_address() -> str:
    """The address at which other machines of the network reach this one; loopback if there is no network."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            # Chooses the interface and sends nothing; the address is one that documents may use.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
    return address


def claim(port: int, setting: str, host: str = "127.0.0.1") -> int:
    """The port itself, or a free one for 0. Raises Trouble if somebody has it; `setting` is what moves it."""
    if port == 0:
        return free_port(host)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Trouble(
                f"port {port} on {host} cannot be had ({error.strerror}): stop what listens there, "
                f"or take another one with `make local {setting}={port + 1}`"
            ) from error
    return port
