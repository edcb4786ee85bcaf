"""What the processes of a local run get to see of the caller's environment: nothing that could reach AWS."""

from __future__ import annotations

import os
from collections.abc import Mapping

REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_LOCAL = "127.0.0.1,localhost"


def bare() -> dict[str, str]:
    """For what runs functions: they inherit it, so it holds nothing of the caller's."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def without_aws(**further: str) -> dict[str, str]:
    """The caller's environment for the SAM CLI, package indexes and proxies included, AWS accounts not."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SAM_", "PYTHON")) and name != "VIRTUAL_ENV"
    }
    return kept | {"NO_PROXY": _LOCAL, "no_proxy": _LOCAL, "SAM_CLI_TELEMETRY": "0"} | further


def for_local_aws(url: str, **further: str) -> dict[str, str]:
    """As above, and every AWS call goes to the local AWS at `url`, with no profile that says otherwise."""
    return without_aws(
        AWS_ENDPOINT_URL=url,
        AWS_DEFAULT_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        **CREDENTIALS,
        **further,
    )


def given(environment: Mapping[str, str], name: str, default: str) -> str:
    """A setting of the caller's; an empty one counts as not given."""
    return environment.get(name) or default
