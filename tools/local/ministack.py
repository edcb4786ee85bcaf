"""The local AWS: MiniStack, on loopback, with nothing of the caller's environment in its functions."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tools.local import environment
from tools.local.aws import LocalAws
from tools.local.places import Places
from tools.local.process import DIRECT, Service
from tools.local.programs import MINISTACK


@contextmanager
def ministack(places: Places, port: int) -> Iterator[LocalAws]:
    """The local AWS for the length of the block; `places.scratch` is its workers' and goes with it."""
    shutil.rmtree(places.scratch, ignore_errors=True)
    places.scratch.mkdir(parents=True)
    url = f"http://127.0.0.1:{port}"
    service = Service(
        "MiniStack",
        ["ministack"],
        python=MINISTACK.python,
        log=places.logs / "ministack.log",
        directory=places.scratch,
        environment=environment.bare()
        | environment.CREDENTIALS
        | {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": environment.REGION,
            "MINISTACK_ACCOUNT_ID": environment.ACCOUNT,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # One process a concurrent call: idle ones give their memory back after a minute.
            "LAMBDA_WARM_TTL_SECONDS": "60",
            "TMPDIR": str(places.scratch),
            "HOME": str(places.scratch),
            "S3_DATA_DIR": str(places.scratch / "s3"),
            # Each worker unpacks its own copy: bytecode of the functions' own files would be written for one.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    try:
        with service:
            service.wait_for(f"{url}/_ministack/health")
            try:
                yield LocalAws(url)
            finally:
                _reset(url)
    finally:
        shutil.rmtree(places.scratch, ignore_errors=True)


def _reset(url: str) -> None:
    # Else the workers of functions outlive it.
    try:
        DIRECT.open(urllib.request.Request(f"{url}/_ministack/reset", method="POST"), timeout=15).close()
    except OSError:
        return
