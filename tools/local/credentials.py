"""The secrets of a local run: a credential per system, the local client key, and what earlier runs saved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tools.local.aws import LocalAws
from tools.local.deploy import Deployed
from tools.local.secret_snapshot import LOCAL_KEY, OWN, fingerprint
from tools.programs.environment import given
from tools.template.reader import Template

CLIENT_KEY = "local-client-key"


def secret(system: str, environment: Mapping[str, str], saved: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The content of a system's secret: what earlier runs `saved`, plus the local client key.

    The credential for all accounts is `<SYSTEM>_CREDENTIAL`, else the saved one, else the sandbox's.
    """
    credentials = {"*": f"local-{system}-credential", **saved.get("credentials", {})}
    return {
        "credentials": credentials | {"*": given(environment, _variable(system), credentials["*"])},
        "client_keys": [
            {
                "id": LOCAL_KEY,
                "sha256": hashlib.sha256(CLIENT_KEY.encode()).hexdigest(),
                "name": "local run",
                "allows": ["*"],
                "expires": None,
            },
            *saved.get("client_keys", []),
        ],
        "accounts": saved.get("accounts", {}),
    }


def write(
    aws: LocalAws,
    template: Template,
    deployed: Deployed,
    environment: Mapping[str, str],
    saved: Mapping[str, Mapping[str, Any]] = {},
) -> None:
    """Write them where the functions look. `saved`: by earlier runs, by the secret's logical id."""
    secrets = aws.client("secretsmanager")
    for system, logical_id in template.secrets.items():
        if logical_id in deployed.resources:
            secret_id, before = deployed.resources[logical_id], saved.get(logical_id, {})
            document = secret(system, environment, before)
            secrets.put_secret_value(SecretId=secret_id, SecretString=json.dumps(document))
            from_before = not environment.get(_variable(system)) and "*" in before.get("credentials", {})
            own = "" if from_before else fingerprint(document["credentials"]["*"])
            secrets.tag_resource(SecretId=secret_id, Tags=[{"Key": OWN, "Value": own}])


def _variable(system: str) -> str:
    return f"{system.upper()}_CREDENTIAL"
