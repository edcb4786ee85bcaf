"""The upstreams of a local run: the sandbox, for every system whose URL is not set."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tools.places import ROOT, Places
from tools.programs import environment
from tools.programs.process import Service
from tools.template.reader import Template

_URL = "_URL"


def urls(template: Template, given: Mapping[str, str], sandbox: str) -> dict[str, str]:
    """Each system's upstream: its `<SYSTEM>_URL` if set, or the system's vendor in the sandbox."""
    systems = [name.removesuffix(_URL) for name in template.settings if name.endswith(_URL)]
    return {system.lower(): given.get(system + _URL) or f"{sandbox}/{system.lower()}" for system in systems}


@contextmanager
def sandbox(places: Places, port: int, *, limits: bool) -> Iterator[str]:
    """Run the sandbox for the length of the block, with or without rate limits; yields its URL."""
    url = f"http://127.0.0.1:{port}"
    options = ["--host", "127.0.0.1", "--port", str(port), "--ledger", str(places.ledger)]
    service = Service(
        "the sandbox",
        ["tools.sandbox", *options, *(["--limits"] if limits else [])],
        log=places.logs / "sandbox.log",
        directory=ROOT,
        environment=environment.bare() | {"HOME": os.environ.get("HOME", "/")},
    )
    with service:
        service.wait_for(f"{url}/_sandbox/counts")
        yield url
