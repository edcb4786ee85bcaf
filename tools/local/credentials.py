"""The secrets of a local run: a credential a system, and one client key that is good for everything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tools.local.aws import LocalAws
from tools.local.deploy import Deployed
from tools.local.environment import given
from tools.local.template import Template

CLIENT_KEY = "local-client-key"


def secret(system: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """What a system's secret holds: `<SYSTEM>_CREDENTIAL` of the environment, or the sandbox's credential."""
    return {
        "credentials": {
            "*": given(environment, f"{system.upper()}_CREDENTIAL", f"local-{system}-credential")
        },
        "client_keys": [
            {
                "id": "local",
                "sha256": hashlib.sha256(CLIENT_KEY.encode()).hexdigest(),
                "name": "local run",
                "allows": ["*"],
                "expires": None,
            }
        ],
    }


def write(aws: LocalAws, template: Template, deployed: Deployed, environment: Mapping[str, str]) -> None:
    """Put them where the functions look."""
    secrets = aws.client("secretsmanager")
    for system, logical_id in template.secrets.items():
        if logical_id in deployed.resources:
            secrets.put_secret_value(
                SecretId=deployed.resources[logical_id], SecretString=json.dumps(secret(system, environment))
            )
