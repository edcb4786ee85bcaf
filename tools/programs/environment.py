"""Environments for the processes that the tools start: nothing in them can reach AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping

REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_LOCAL = "127.0.0.1,localhost"


def bare() -> dict[str, str]:
    """For processes that run functions, which inherit it: nothing of the caller's."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def without_aws(**further: str) -> dict[str, str]:
    """The caller's environment for the SAM CLI, with package indexes and proxies but without AWS accounts."""
    passed_on = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SAM_", "PYTHON")) and name != "VIRTUAL_ENV"
    }
    return passed_on | {"NO_PROXY": _LOCAL, "no_proxy": _LOCAL, "SAM_CLI_TELEMETRY": "0"} | further


def for_local_aws(url: str, **further: str) -> dict[str, str]:
    """The same, with every AWS call sent to the local AWS at `url`, whatever profile is set."""
    return without_aws(
        AWS_ENDPOINT_URL=url,
        AWS_DEFAULT_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        **CREDENTIALS,
        **further,
    )


def given(environment: Mapping[str, str], name: str, default: str) -> str:
    """A setting of the caller's; an empty one counts as not set."""
    return environment.get(name) or default
