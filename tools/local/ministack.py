"""The local AWS: MiniStack on loopback, closed to web pages, with nothing of the caller's environment."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tools.guard import KEY_VARIABLE, LINES_VARIABLE
from tools.local.aws import LocalAws
from tools.places import GUARD, Places
from tools.programs import environment
from tools.programs.installed import MINISTACK
from tools.programs.process import Service


@contextmanager
def ministack(places: Places, port: int, lock: int | None = None) -> Iterator[LocalAws]:
    """The local AWS for the length of the block; its workers use `places.scratch`, which is removed with it.

    It starts empty and writes its state to `places.aws` when it ends, even if this process is killed; that
    takes a second, for which it keeps the `lock` on the state folder.
    """
    shutil.rmtree(places.scratch, ignore_errors=True)
    places.scratch.mkdir(parents=True)
    places.aws.mkdir(mode=0o700)
    url = f"http://127.0.0.1:{port}"
    key = secrets.token_urlsafe()
    service = Service(
        "MiniStack",
        [str(GUARD)],
        python=MINISTACK.python,
        log=places.logs / "ministack.log",
        directory=places.scratch,
        holds=lock,
        environment=environment.bare()
        | environment.CREDENTIALS
        | {
            KEY_VARIABLE: key,
            LINES_VARIABLE: str(places.function_lines),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": environment.REGION,
            "MINISTACK_ACCOUNT_ID": environment.ACCOUNT,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # One process a concurrent call: idle ones give their memory back after a minute.
            "LAMBDA_WARM_TTL_SECONDS": "60",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(places.aws),
            "TMPDIR": str(places.scratch),
            "HOME": str(places.scratch),
            "S3_DATA_DIR": str(places.scratch / "s3"),
            # Bytecode of the functions would be written for one worker each; layers bring theirs along.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    try:
        with service:
            service.wait_for(f"{url}/_ministack/health")
            yield LocalAws(url, key)
    finally:
        shutil.rmtree(places.scratch, ignore_errors=True)
