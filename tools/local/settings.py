"""The settings of `make local`, read from its environment and checked against the template."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from tools.errors import CommandError
from tools.local.ports import port_of
from tools.local.stack import LocalStack
from tools.places import DEFAULT_STATE
from tools.programs.environment import given
from tools.progress import Progress
from tools.systems.local_store import local_stores


def from_environment(
    environment: Mapping[str, str], progress: Progress, hurry: threading.Event
) -> LocalStack:
    """The local run that `make local` starts. Raises CommandError.

    It reads HOST, PORT, TLS and LOG; AWS_PORT, SANDBOX_PORT and CONSOLE_PORT; LIMITS, whether the sandbox
    keeps rate limits; STATE, its folder; DRAIN, the seconds to wait at the end for queued events, unless
    `hurry` is set; and the systems' settings.
    """
    log = {"POWERTOOLS_LOG_LEVEL": environment["LOG"].upper()} if environment.get("LOG") else {}
    urls = {store.VARIABLE: store.url(environment, Path.cwd()) for store in local_stores().values()}
    return LocalStack(
        state=Path(given(environment, "STATE", str(DEFAULT_STATE))),
        host=given(environment, "HOST", "127.0.0.1"),
        port=port_of(environment, "PORT", 3000),
        aws_port=port_of(environment, "AWS_PORT", 4566),
        sandbox_port=port_of(environment, "SANDBOX_PORT", 4010),
        console_port=port_of(environment, "CONSOLE_PORT", 4020),
        tls=_switch(environment, "TLS", "0"),
        limits=_switch(environment, "LIMITS", "1"),
        environment={**environment, **log, **urls},
        progress=progress,
        drain_seconds=_seconds(environment, "DRAIN", 30),
        hurry=hurry,
    )


def _switch(environment: Mapping[str, str], name: str, default: str) -> bool:
    return given(environment, name, default) not in ("0", "off", "false", "no")


def _seconds(environment: Mapping[str, str], name: str, default: int) -> int:
    text = given(environment, name, str(default))
    if not (text.isascii() and text.isdecimal()):
        raise CommandError(f"{name}={text} is not a number of seconds: use {default}, or 0 not to wait")
    return int(text)
